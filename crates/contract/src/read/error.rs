//! What can be wrong with a document.

/// A document that cannot be read as a contract.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{problem}, at `{pointer}`")]
pub struct ReadError {
    /// Where: a JSON pointer as a fragment, `#/paths/~1a/get`.
    pub pointer: String,
    /// What.
    pub problem: Problem,
}

/// The causes of a [`ReadError`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Neither OpenAPI 3.0 nor 3.1.
    #[error("{found} is not a version that can be read: OpenAPI 3.0 and 3.1 are")]
    Version {
        /// What the document says it is.
        found: String,
    },
    /// A member that the specification requires is absent.
    #[error("missing member `{member}`")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A value of another JSON type or of an unknown word.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What can stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A reference to something that the document does not have.
    #[error("reference to `{target}`, which does not exist")]
    Dangling {
        /// The reference as written.
        target: String,
    },
    /// A reference that leads out of the document or to something that has no name there.
    #[error("reference to `{target}`, which is no component of this document of that kind")]
    Foreign {
        /// The reference as written.
        target: String,
    },
    /// References that lead back to where they began.
    #[error("reference to `{target}` leads back to itself")]
    Circular {
        /// The reference as written.
        target: String,
    },
    /// Nesting beyond what people write.
    #[error("schemas nest more than {limit} levels deep")]
    TooDeep {
        /// How deep they may.
        limit: usize,
    },
    /// Two operations with one id.
    #[error("the operation id `{id}` is used twice, first at `{first}`")]
    DuplicateId {
        /// The id.
        id: String,
        /// The pointer to the other operation.
        first: String,
    },
}
