//! Enumerations that may grow.

/// A text with known values. Implemented by the enumerations of this crate, which keep a value
/// that they do not know as `Other`.
pub trait OpenEnum: Clone + std::fmt::Display + PartialEq + From<String> {
    /// The documented values, in the order of the documents.
    const VALUES: &'static [&'static str];
}

/// Declares an enumeration of text values that keeps a value it does not know.
///
/// A server may send a value that was documented after this crate was built: it becomes
/// `Other` and is written again as it was read. For generated code alone.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident { $($variant:ident = $text:literal),+ $(,)? }
        $(component($component:literal, $described:literal, $description:expr);)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                $variant,
            )+
            /// A value that is not documented. Make it with `From`, which finds documented ones.
            Other(::std::string::String),
        }

        impl $name {
            /// The documented values, in the order of the documents.
            $visibility const VALUES: &'static [&'static str] = &[$($text),+];

            /// The value as it is written.
            $visibility fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }

            /// Whether the value is documented.
            $visibility fn is_known(&self) -> bool {
                !::std::matches!(self, Self::Other(_))
            }

            fn known(text: &str) -> ::std::option::Option<Self> {
                match text {
                    $($text => ::std::option::Option::Some(Self::$variant),)+
                    _ => ::std::option::Option::None,
                }
            }
        }

        impl $crate::OpenEnum for $name {
            const VALUES: &'static [&'static str] = Self::VALUES;
        }

        impl $crate::Visit for $name {
            /// Nothing: programs branch on the words.
            fn visit(&mut self, _: &mut dyn $crate::Visitor) {}
        }

        impl ::std::default::Default for $name {
            /// The first documented value.
            fn default() -> Self {
                Self::from(Self::VALUES[0])
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::known(text).unwrap_or_else(|| Self::Other(text.to_owned()))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self::known(&text).unwrap_or(Self::Other(text))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(text))
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer).map(Self::from)
            }
        }

        #[cfg(feature = "xml")]
        impl $crate::xml::XmlElement for $name {
            fn element_name() -> ::std::borrow::Cow<'static, str> {
                // Within a carrier it is a text like any other.
                let component: &[&str] = &[$($component)?];
                component.first().copied().unwrap_or("string").into()
            }

            fn write_element(
                &self,
                name: &str,
                to: &mut $crate::xml::XmlWriter,
            ) -> ::std::result::Result<(), $crate::xml::XmlError> {
                to.text_element(name, self.as_str())
            }

            fn read_element(
                from: &mut $crate::xml::XmlReader<'_>,
            ) -> ::std::result::Result<Self, $crate::xml::XmlError> {
                from.text().map(Self::from)
            }
        }

        #[cfg(feature = "utoipa")]
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                let extensions = ::utoipa::openapi::extensions::ExtensionsBuilder::new()
                    .add("x-extensible-enum", ::serde_json::json!(Self::VALUES))
                    .build();
                ::utoipa::openapi::ObjectBuilder::new()
                    .schema_type(::utoipa::openapi::Type::String)
                    $(.description(::std::option::Option::Some($description)))?
                    .extensions(::std::option::Option::Some(extensions))
                    .into()
            }
        }

        #[cfg(feature = "utoipa")]
        impl ::utoipa::ToSchema for $name {
            $(
                fn name() -> ::std::borrow::Cow<'static, str> {
                    $described.into()
                }
            )?
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                // A component has a description; a property's values stand where they are used.
                let component: &[&str] = &[$($component)?];
                component.is_empty()
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                let component: &[&str] = &[$($component)?];
                component.first().copied().unwrap_or(::std::stringify!($name)).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({
                    "type": "string",
                    $("description": $description,)?
                    "x-extensible-enum": Self::VALUES,
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    crate::open_enum! {
        /// For the tests.
        enum Light {
            Red = "Red",
            None = "None",
            DarkGreen = "dark-green",
        }
    }

    #[test]
    fn values_go_both_ways() {
        for (text, value, known) in [
            ("Red", Light::Red, true),
            ("None", Light::None, true),
            ("dark-green", Light::DarkGreen, true),
            ("red", Light::Other("red".to_owned()), false),
            ("", Light::Other(String::new()), false),
        ] {
            let json = format!("\"{text}\"");
            assert_eq!(serde_json::from_str::<Light>(&json).unwrap(), value);
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!((Light::from(text), text.parse()), (value.clone(), Ok(value.clone())));
            assert_eq!((value.to_string(), value.is_known()), (text.to_owned(), known));
        }
        assert!(serde_json::from_str::<Light>("1").is_err());
        assert_eq!((Light::VALUES, Light::default()), (&["Red", "None", "dark-green"][..], Light::Red));
    }
}
