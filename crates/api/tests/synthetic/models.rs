//! The carriers of the synthetic contract, in the form of generated ones.

pub(crate) use chat_api::models::DateTime;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema, utoipa::ToSchema)]
pub(crate) struct Thing {
    #[serde(rename = "Id")]
    pub(crate) id: Option<i32>,
    #[serde(rename = "Name")]
    pub(crate) name: Option<String>,
}
