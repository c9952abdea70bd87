//! The carriers of the synthetic contract, in the form of generated ones.

pub(crate) use chat_api::models::{DateTime, FreeForm};
use chat_api::models::{Visit, Visitor};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema, utoipa::ToSchema)]
pub(crate) struct Thing {
    #[serde(rename = "Id")]
    pub(crate) id: Option<i32>,
    #[serde(rename = "Name")]
    pub(crate) name: Option<String>,
    #[serde(rename = "Parent")]
    #[schema(no_recursion)]
    pub(crate) parent: Option<Box<Thing>>,
    #[serde(rename = "Tags")]
    pub(crate) tags: Option<Vec<String>>,
}

chat_api::models::xml_element! {
    Thing = "Thing" {
        id = "Id",
        name = "Title",
        parent = "Parent",
        tags = "Tags",
    }
}

impl Visit for Thing {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.name.visit(visitor);
        self.parent.visit(visitor);
        self.tags.visit(visitor);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema, utoipa::ToSchema)]
pub(crate) struct OddName {
    #[serde(rename = "Ids", default)]
    pub(crate) ids: Option<Vec<i32>>,
    #[serde(rename = "Big", default)]
    pub(crate) big: Option<i64>,
    /// Beside.
    #[serde(rename = "Thing", default)]
    #[schema(no_recursion)]
    pub(crate) thing: Option<Box<Thing>>,
}

chat_api::models::xml_element! {
    OddName = "OddName" {
        ids = "Ids",
        big = "Big",
        thing = "Thing",
    }
}

impl Visit for OddName {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.thing.visit(visitor);
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema, utoipa::ToSchema)]
pub(crate) struct Maybe {
    #[serde(rename = "Id", default)]
    pub(crate) id: Option<i32>,
    #[serde(rename = "Tags", default)]
    pub(crate) tags: Option<Vec<String>>,
}

chat_api::models::xml_element! {
    Maybe = "Maybe" {
        id = "Id",
        tags = "Tags",
    }
}

impl Visit for Maybe {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        self.tags.visit(visitor);
    }
}
