//! The carriers of the synthetic contract, in the form of generated ones.

pub(crate) use chat_api::models::DateTime;
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
