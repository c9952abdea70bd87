//! Texts that callers send: as long as the contract lets them be, and such that every answer can carry them.

use std::net::IpAddr;

use chat_api::{ApiError, LanguagePreference, LanguageTag, Resources, TextValue, translate};
use chat_models::{CreateChatSessionRequest, xml};

use crate::records::Customer;

const ALIAS_MAX_CHARS: usize = 64;
const FIELD_MAX_CHARS: usize = 255;
const PHONE_MAX_CHARS: usize = 32;
const MESSAGE_MAX_CHARS: usize = 8192;

/// What a customer says of who asks, and what.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) customer: Customer,
    /// The first message, empty for none.
    pub(super) message: String,
}

/// Reads the start of a session.
///
/// # Errors
/// 400 where a text is too long, or holds what XML cannot carry; the message names the property.
pub(super) fn start(
    request: CreateChatSessionRequest,
    peer: Option<IpAddr>,
    language: &LanguagePreference,
    resources: &dyn Resources,
) -> Result<Start, ApiError> {
    let name = checked("CustomerName", request.customer_name.unwrap_or_default(), FIELD_MAX_CHARS)?;
    let alias = checked("CustomerAlias", request.customer_alias.unwrap_or_default(), ALIAS_MAX_CHARS)?;
    let customer = Customer {
        host: peer.map(|peer| peer.to_canonical().to_string()).unwrap_or_default(),
        email: checked("CustomerEmail", request.customer_email.unwrap_or_default(), FIELD_MAX_CHARS)?,
        phone: checked("CustomerPhone", request.customer_phone.unwrap_or_default(), PHONE_MAX_CHARS)?,
        company_name: checked(
            "CustomerCompanyName",
            request.customer_company_name.unwrap_or_default(),
            FIELD_MAX_CHARS,
        )?,
        consented: request.customer_consented.unwrap_or_default(),
        alias: [alias, name.chars().take(ALIAS_MAX_CHARS).collect()]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or_else(|| somebody(language, resources)),
        name,
    };
    Ok(Start { customer, message: checked("Message", request.message.unwrap_or_default(), MESSAGE_MAX_CHARS)? })
}

/// Reads a message.
///
/// # Errors
/// 400 where it is empty, too long, or holds what XML cannot carry.
pub(super) fn message(text: String) -> Result<String, ApiError> {
    if text.is_empty() {
        let error = ApiError::bad_request("`Message` is empty");
        return Err(error.with_reference("SR_ERROR_MISSING", [("what", "Message".into())]));
    }
    checked("Message", text, MESSAGE_MAX_CHARS)
}

fn checked(property: &'static str, text: String, max_chars: usize) -> Result<String, ApiError> {
    // No text has more characters than bytes.
    if text.len() > max_chars && text.chars().count() > max_chars {
        let error = ApiError::bad_request(format!("`{property}` has more than {max_chars} characters"));
        let values = [("what", property.into()), ("limit", TextValue::from(max_chars))];
        return Err(error.with_reference("SR_ERROR_TOO_LONG", values));
    }
    if let Some(c) = xml::uncarried(&text) {
        let error = ApiError::bad_request(format!(
            "`{property}` holds the character U+{:04X}, which XML cannot carry",
            u32::from(c)
        ));
        return Err(error.with_reference("SR_ERROR_NOT_VALID", [("what", property.into())]));
    }
    Ok(text)
}

/// A word for a customer who gives no name, in the customer's language.
fn somebody(language: &LanguagePreference, resources: &dyn Resources) -> String {
    let english = LanguagePreference::only(LanguageTag::vendor("en"));
    let language = if language.is_unchanged() { &english } else { language };
    translate("[SR_TRANSCRIPT_CUSTOMER]", language, resources).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::ResourceTexts;

    fn read(request: CreateChatSessionRequest, language: &str) -> Result<Start, String> {
        let preference = match language {
            "" => LanguagePreference::default(),
            tag => LanguagePreference::only(LanguageTag::vendor(tag)),
        };
        let peer = Some("::ffff:203.0.113.7".parse().unwrap());
        let read = start(request, peer, &preference, &ResourceTexts::embedded().unwrap());
        read.map_err(|error| error.message().to_owned())
    }

    #[test]
    fn customers_are_called_what_they_say_or_a_neutral_word() {
        for (alias, name, language, expected) in [
            (Some("Kari"), Some("Kari Nordmann"), "", "Kari".to_owned()),
            (Some(" "), Some("Kari Nordmann"), "", "Kari Nordmann".to_owned()),
            (None, Some(&*"ø".repeat(255)), "", "ø".repeat(64)),
            (None, None, "", "Customer".to_owned()),
            (Some(""), Some(""), "nb", "Kunde".to_owned()),
        ] {
            let request = CreateChatSessionRequest {
                customer_alias: alias.map(str::to_owned),
                customer_name: name.map(str::to_owned),
                ..Default::default()
            };
            let customer = read(request, language).unwrap().customer;
            assert_eq!((customer.alias, &*customer.host), (expected, "203.0.113.7"));
        }
    }

    #[test]
    fn texts_are_as_long_as_the_contract_says() {
        type Set = fn(&mut CreateChatSessionRequest, String);
        let properties: [(&str, usize, Set); 6] = [
            ("CustomerAlias", 64, |request, text| request.customer_alias = Some(text)),
            ("CustomerName", 255, |request, text| request.customer_name = Some(text)),
            ("CustomerEmail", 255, |request, text| request.customer_email = Some(text)),
            ("CustomerPhone", 32, |request, text| request.customer_phone = Some(text)),
            ("CustomerCompanyName", 255, |request, text| request.customer_company_name = Some(text)),
            ("Message", 8192, |request, text| request.message = Some(text)),
        ];
        for (property, max_chars, set) in properties {
            let with = |text: String| {
                let mut request = CreateChatSessionRequest::default();
                set(&mut request, text);
                read(request, "").map(|_| ())
            };
            assert_eq!(with("ø".repeat(max_chars)), Ok(()), "{property}");
            let too_long = format!("`{property}` has more than {max_chars} characters");
            assert_eq!(with("ø".repeat(max_chars + 1)), Err(too_long));
            let odd = format!("`{property}` holds the character U+0000, which XML cannot carry");
            assert_eq!(with("a\0".to_owned()), Err(odd));
        }
        assert!(message(String::new()).is_err());
    }
}
