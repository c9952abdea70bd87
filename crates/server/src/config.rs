//! How the service is to run: one TOML file, environment variables and flags.
//!
//! A flag wins over a variable, a variable over the file, the file over the default. Every key has a variable by one
//! rule: `CHAT_` and the key in capitals with an underscore for each point, `CHAT_LIMITS_MAX_BODY_BYTES` for
//! `limits.max_body_bytes`; items of a list are separated by commas there. Whatever is wrong is reported at once, with
//! the key, where the value comes from, and what would be right.
//!
//! [`Settings`] are the one description of the keys: names, types, bounds, defaults, texts. The JSON Schema for editors
//! is made of them, and what is checked here is read from that schema.

mod keys;
mod load;
mod log_filter;
mod problems;
mod settings;
mod values;

pub use self::keys::{Key, Kind, keys};
pub use self::load::{Given, Source};
pub use self::log_filter::LogFilter;
pub use self::problems::{Origin, Problem, Problems};
pub use self::settings::{
    CustomerSettings, Installation, LimitSettings, LogFormat, LogSettings, PasswordSettings, SessionSettings, Settings,
    SignInSettings,
};
pub use self::values::{Network, PublicUrl, WebOrigin};

#[cfg(test)]
mod tests;

/// The variable that names the file.
pub const FILE_VARIABLE: &str = "CHAT_CONFIG";

/// The JSON Schema of the file, as committed in `config.schema.json`.
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&keys::schema()).expect("a schema is plain JSON");
    text.push('\n');
    text
}
