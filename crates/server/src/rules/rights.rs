//! What a caller may do with a record and its fields, and what the carriers say about it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chat_models::{FieldProperty, FieldRight, FieldRightMask, Flags, TableRight, TableRightMask};

use crate::records::Permissions;

/// What a caller may do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A manager of the topic: everything.
    Full,
    /// May answer: read and change.
    Respond,
    /// The customer, who reads the own session and holds its key.
    Customer,
    /// Anyone else who sees it: read.
    Look,
}

impl Access {
    /// What these permissions on the topic allow.
    pub fn of(permissions: Permissions) -> Self {
        match permissions {
            Permissions { manage: true, .. } => Self::Full,
            Permissions { respond: true, .. } => Self::Respond,
            _ => Self::Look,
        }
    }

    /// Whether the answer may show what proves the customer.
    pub fn shows_session_key(self) -> bool {
        self != Self::Look
    }

    /// `TableRight` of a session.
    pub fn table_right(self) -> TableRight {
        let mask = match self {
            Self::Full => Flags::from([TableRightMask::Full]),
            Self::Respond => Flags::from([TableRightMask::Select, TableRightMask::Update]),
            Self::Customer | Self::Look => Flags::from([TableRightMask::Select]),
        };
        TableRight { mask: Some(mask), reason: Some(self.reason().to_owned()) }
    }

    /// `FieldProperties` of a session.
    pub fn session_fields(self) -> BTreeMap<String, FieldProperty> {
        // Every session of a list has them: a copy is quicker than another one.
        type Made = LazyLock<BTreeMap<String, FieldProperty>>;
        static FULL: Made = LazyLock::new(|| fields(SESSION_FIELDS, Access::Full));
        static RESPOND: Made = LazyLock::new(|| fields(SESSION_FIELDS, Access::Respond));
        static CUSTOMER: Made = LazyLock::new(|| fields(SESSION_FIELDS, Access::Customer));
        static LOOK: Made = LazyLock::new(|| fields(SESSION_FIELDS, Access::Look));

        let made = match self {
            Self::Full => &FULL,
            Self::Respond => &RESPOND,
            Self::Customer => &CUSTOMER,
            Self::Look => &LOOK,
        };
        BTreeMap::clone(made)
    }

    /// A reference, which the layer replaces for callers who want a language.
    fn reason(self) -> &'static str {
        match self {
            Self::Full => "",
            Self::Respond => "[SR_RIGHT_MANAGER_MAY_DO_MORE]",
            Self::Customer | Self::Look => "[SR_RIGHT_RESPONDENTS_MAY_CHANGE]",
        }
    }
}

/// `TableRight` of an associate: users are maintained in the CRM, the chat service only shows them.
pub fn associate_right() -> TableRight {
    let mask = Flags::from([TableRightMask::Select]);
    TableRight { mask: Some(mask), reason: Some(MAINTAINED_ELSEWHERE.to_owned()) }
}

/// `FieldProperties` of an associate.
pub fn associate_fields() -> BTreeMap<String, FieldProperty> {
    static FIELDS: LazyLock<BTreeMap<String, FieldProperty>> = LazyLock::new(|| fields(ASSOCIATE_FIELDS, Access::Look));
    BTreeMap::clone(&FIELDS)
}

const MAINTAINED_ELSEWHERE: &str = "[SR_RIGHT_USERS_IN_CRM]";
const SET_BY_SERVICE: &str = "[SR_RIGHT_SET_BY_SERVICE]";

/// The .NET type of a field.
#[derive(Clone, Copy, Debug)]
enum Type {
    Int32,
    Boolean,
    DateTime,
    /// A text of at most so many characters; 0 where no length is documented.
    Text(i32),
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Int32 => "System.Int32",
            Self::Boolean => "System.Boolean",
            Self::DateTime => "System.DateTime",
            Self::Text(_) => "System.String",
        }
    }

    /// Only texts have a length.
    fn length(self) -> i32 {
        match self {
            Self::Text(length) => length,
            _ => 0,
        }
    }
}

/// Who may change a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writer {
    /// Who may change the record.
    Caller,
    /// Nobody but the service.
    Service,
    /// Nobody here: the CRM owns the record.
    Crm,
}

type Field = (&'static str, Type, Writer);

const SESSION_FIELDS: &[Field] = &[
    ("ChatSessionId", Type::Int32, Writer::Service),
    ("TopicId", Type::Int32, Writer::Caller),
    ("CustomerAlias", Type::Text(64), Writer::Caller),
    ("CustomerHost", Type::Text(255), Writer::Service),
    ("CustomerName", Type::Text(255), Writer::Caller),
    ("CustomerEmail", Type::Text(255), Writer::Caller),
    ("CustomerPhone", Type::Text(32), Writer::Caller),
    ("CustomerConsented", Type::Boolean, Writer::Caller),
    ("CustomerCompanyName", Type::Text(255), Writer::Caller),
    // By steps, not by writing it.
    ("Status", Type::Text(0), Writer::Service),
    ("FirstMessage", Type::Text(1024), Writer::Service),
    ("LastMessage", Type::Text(1024), Writer::Service),
    ("WhenRequested", Type::DateTime, Writer::Service),
    ("WhenStarted", Type::DateTime, Writer::Service),
    ("WhenEnded", Type::DateTime, Writer::Service),
    ("WhenIdle", Type::DateTime, Writer::Service),
    ("WhenFetched", Type::DateTime, Writer::Service),
    ("SessionKey", Type::Text(255), Writer::Service),
    ("InitialQueuePos", Type::Int32, Writer::Service),
    ("AlertLevel", Type::Int32, Writer::Service),
    ("Rank", Type::Int32, Writer::Service),
    ("Flags", Type::Text(0), Writer::Service),
];

const ASSOCIATE_FIELDS: &[Field] = &[
    ("AssociateId", Type::Int32, Writer::Crm),
    ("Name", Type::Text(0), Writer::Crm),
    ("PersonId", Type::Int32, Writer::Crm),
    ("Rank", Type::Int32, Writer::Crm),
    ("Tooltip", Type::Text(0), Writer::Crm),
    ("Type", Type::Text(0), Writer::Crm),
    ("GroupIdx", Type::Int32, Writer::Crm),
    ("FullName", Type::Text(0), Writer::Crm),
    ("FormalName", Type::Text(0), Writer::Crm),
    ("Deleted", Type::Boolean, Writer::Crm),
    ("EjUserId", Type::Int32, Writer::Crm),
    ("UserName", Type::Text(0), Writer::Crm),
];

fn fields(fields: &[Field], access: Access) -> BTreeMap<String, FieldProperty> {
    let property = |&(name, field_type, writer): &Field| {
        let property = FieldProperty {
            field_right: Some(field_right(name, writer, access)),
            field_type: Some(field_type.name().to_owned()),
            field_length: Some(field_type.length()),
        };
        (name.to_owned(), property)
    };
    fields.iter().map(property).collect()
}

fn field_right(name: &str, writer: Writer, access: Access) -> FieldRight {
    use FieldRightMask::{Full, Read, Write};
    let (mask, reason) = match (writer, access) {
        (Writer::Crm, _) => (Flags::from([Read]), MAINTAINED_ELSEWHERE),
        (Writer::Service, Access::Look) if name == "SessionKey" => (Flags::new(), access.reason()),
        (Writer::Service, _) => (Flags::from([Read]), SET_BY_SERVICE),
        (Writer::Caller, Access::Full) => (Flags::from([Full]), access.reason()),
        (Writer::Caller, Access::Respond) => (Flags::from([Read, Write]), access.reason()),
        (Writer::Caller, Access::Customer | Access::Look) => (Flags::from([Read]), access.reason()),
    };
    FieldRight { mask: Some(mask), reason: Some(reason.to_owned()) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn masks_follow_the_permissions() {
        let member = |respond, notify, listen, manage| Permissions { respond, notify, listen, manage };
        for (permissions, mask, has_reason) in [
            (member(true, true, true, true), "FULL", false),
            (member(false, false, false, true), "FULL", false),
            (member(true, false, true, false), "Select, Update", true),
            (member(false, true, true, false), "Select", true),
            (member(false, false, false, false), "Select", true),
        ] {
            let right = Access::of(permissions).table_right();
            assert_eq!(right.mask.map(|mask| mask.to_string()).as_deref(), Some(mask), "{permissions:?}");
            assert_eq!(right.reason.is_some_and(|reason| !reason.is_empty()), has_reason, "{permissions:?}");
        }
    }

    /// Every scalar property of the carrier, and no other, is described.
    #[track_caller]
    fn check_names(carrier: Value, other_carriers: &[&str], described: BTreeMap<String, FieldProperty>) {
        let others = [other_carriers, &["TableRight", "FieldProperties"]].concat();
        let mut names: Vec<&String> =
            carrier.as_object().unwrap().keys().filter(|name| !others.contains(&name.as_str())).collect();
        names.sort();
        assert_eq!(described.keys().collect::<Vec<_>>(), names);
    }

    #[test]
    fn every_scalar_property_is_described() {
        check_names(
            serde_json::to_value(chat_models::ChatSessionEntity::default()).unwrap(),
            &["User", "Person", "Contact", "Project", "Sale", "Ticket", "TransferTo"],
            Access::Full.session_fields(),
        );
        check_names(serde_json::to_value(chat_models::Associate::default()).unwrap(), &[], associate_fields());
    }

    #[test]
    fn fields_say_who_may_write_them() {
        for (access, name, mask) in [
            (Access::Full, "CustomerName", "FULL"),
            (Access::Respond, "CustomerName", "Read, Write"),
            (Access::Look, "CustomerName", "Read"),
            (Access::Full, "WhenIdle", "Read"),
            (Access::Respond, "SessionKey", "Read"),
            (Access::Look, "SessionKey", ""),
            (Access::Customer, "SessionKey", "Read"),
            (Access::Customer, "CustomerName", "Read"),
            (Access::Full, "Status", "Read"),
            (Access::Respond, "Flags", "Read"),
            (Access::Respond, "AlertLevel", "Read"),
        ] {
            let property = access.session_fields().remove(name).unwrap();
            let right = property.field_right.unwrap();
            assert_eq!(right.mask.unwrap().to_string(), mask, "{access:?} {name}");
        }
        let fields = Access::Full.session_fields();
        for (name, field_type, length) in [
            ("ChatSessionId", "System.Int32", 0),
            ("CustomerAlias", "System.String", 64),
            ("CustomerPhone", "System.String", 32),
            ("WhenIdle", "System.DateTime", 0),
            ("CustomerConsented", "System.Boolean", 0),
        ] {
            let field = &fields[name];
            assert_eq!((field.field_type.as_deref(), field.field_length), (Some(field_type), Some(length)), "{name}");
        }
    }
}
