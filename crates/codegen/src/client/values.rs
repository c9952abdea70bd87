//! Closed lists of values that parameters have, as types.

use indexmap::IndexSet;
use proc_macro2::TokenStream;
use quote::quote;

use crate::naming::{self, Form};
use crate::render;

/// A parameter's values.
pub(super) struct Enumeration<'a> {
    /// The type, in `types`.
    pub(super) name: String,
    /// What it belongs to, for people.
    place: String,
    values: Vec<&'a str>,
}

impl<'a> Enumeration<'a> {
    pub(super) fn new(name: String, place: String, values: Vec<&'a str>) -> Self {
        let values: IndexSet<&str> = values.into_iter().collect();
        Self { name, place, values: values.into_iter().collect() }
    }

    /// Makes the names of all different.
    pub(super) fn name_all(enumerations: &mut [Self]) {
        let places: Vec<String> = enumerations.iter().map(|each| each.place.clone()).collect();
        let names: Vec<(&str, String)> =
            places.iter().zip(&*enumerations).map(|(place, each)| (place.as_str(), each.name.clone())).collect();
        let names = naming::distinct(&names, &[], Form::Type);
        for (each, name) in enumerations.iter_mut().zip(names) {
            each.name = name;
        }
    }

    /// The component of the projected document that stands for it.
    pub(super) fn component(index: usize) -> String {
        format!("DocwrightValues{index}")
    }

    /// Its type, as progenitor's code names it.
    pub(super) fn path(&self) -> String {
        format!("crate::types::{}", naming::ident(&self.name))
    }

    pub(super) fn declaration(&self) -> TokenStream {
        let name = naming::ident(&self.name);
        let docs = render::docs(Some(&format!("A value of {}.", self.place)));
        let values = &self.values;
        let variants = naming::variant_idents(values.iter().copied(), &[]);
        let variant_docs = values.iter().map(|value| match value.trim() {
            "" => render::docs(Some("The empty text.")),
            value => render::docs(Some(&format!("`{}`", value.replace('`', "'")))),
        });
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
            pub enum #name {
                #(#variant_docs #[serde(rename = #values)] #variants,)*
            }

            impl #name {
                /// All of them, in the order of the documents.
                pub const ALL: &'static [Self] = &[#(Self::#variants),*];

                /// The value as it is written.
                pub fn as_str(self) -> &'static str {
                    match self {
                        #(Self::#variants => #values,)*
                    }
                }
            }

            impl std::fmt::Display for #name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.pad(self.as_str())
                }
            }
        }
    }
}
