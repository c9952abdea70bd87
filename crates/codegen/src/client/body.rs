//! Request bodies: the one form of several that a method sends.

use docwright_contract::model::RequestBody;

use super::call::{Collector, essence, holds_json, is_opaque, others, preferred};
use super::coverage::Kind;

/// What a method sends.
pub(super) struct Body<'a> {
    pub(super) form: Form,
    pub(super) media_type: &'a str,
    pub(super) required: bool,
}

/// How a body is written.
pub(super) enum Form {
    /// JSON, from this Rust type.
    Json(String),
    /// `application/x-www-form-urlencoded`, from this Rust type.
    Urlencoded(String),
    /// `multipart/form-data`, of parts that the caller puts together.
    Multipart,
    /// Bytes that the caller has; `any` where the caller says what they are, because the contract has several, or a range (`image/*`).
    Raw { any: bool },
}

impl<'a> Body<'a> {
    /// `None` for a body without any form.
    pub(super) fn of(collector: &mut Collector<'a>, body: &'a RequestBody) -> Option<Self> {
        let (media_type, content) = preferred(&body.content, |media_type| match essence(media_type).as_str() {
            "multipart/form-data" => 0,
            "application/x-www-form-urlencoded" => 1,
            _ => 2,
        })?;
        let essence = essence(media_type);
        let form = match essence.as_str() {
            _ if holds_json(media_type, content) => {
                Form::Json(collector.rust_type("request body", content.schema.as_ref()))
            }
            "application/x-www-form-urlencoded" => {
                Form::Urlencoded(collector.rust_type("request body", content.schema.as_ref()))
            }
            "multipart/form-data" => {
                collector.leave_out(Kind::RawRequest, "the caller puts the parts of the request body together");
                Form::Multipart
            }
            _ => {
                let has_shape = content.schema.as_ref().is_some_and(|schema| schema.ty.format() != Some("binary"));
                if has_shape && !is_opaque(media_type) {
                    collector
                        .leave_out(Kind::RawRequest, format!("the caller writes the request body, `{media_type}`"));
                }
                // Which of several kinds of file it is, is the caller's to say.
                let several = body.content.keys().filter(|media_type| is_opaque(media_type)).count() > 1;
                Form::Raw { any: several || essence.contains('*') }
            }
        };
        if let Some(others) = others(&body.content, media_type)
            && !matches!(form, Form::Raw { any: true })
        {
            collector.leave_out(Kind::RequestMediaType, format!("a request body of type {others} cannot be sent"));
        }
        Some(Self { form, media_type, required: body.required })
    }
}
