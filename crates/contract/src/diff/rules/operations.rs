//! Rules about operations, parameters, messages and the document.

use super::{Group, Merge, Published, Rule, Verdict, merge, published};

macro_rules! table {
    ($($name:ident $group:ident $verdict:ident $code:literal: $meaning:literal, $why:literal
        $([$($published:tt)*])? $($merge:ident)?;)*) => {
        $(pub(in crate::diff) static $name: Rule = Rule {
            code: $code,
            group: Group::$group,
            verdict: Verdict::$verdict,
            meaning: $meaning,
            why: $why,
            published: published!($($($published)*)?).0,
            differs: published!($($($published)*)?).1,
            merge: merge!($($merge)?),
        };)*

        /// The table's first part.
        pub(super) static OPERATIONS: &[&Rule] = &[$(&$name),*];
    };
}

table! {
    OPERATION_REMOVED Operations Breaking "operation-removed":
        "an operation is gone", "every call of it fails"
        ["api-removed-without-deprecation" Breaking];
    DEPRECATED_OPERATION_REMOVED Operations Breaking "deprecated-operation-removed":
        "an operation is gone that was announced to go", "the announcement gave time, but a caller that is still there fails"
        ["api-removed-with-deprecation" Compatible,
         "oasdiff accepts a removal whose announced date has passed; our contracts hold no such date, so nothing proves that callers had time"];
    OPERATION_ADDED Operations Compatible "operation-added":
        "a new operation", "nobody calls it yet" ["endpoint-added" Compatible];
    OPERATION_MOVED Operations Breaking "operation-moved":
        "the same operation id at another method or path", "calls of the former path fail"
        ["api-path-removed-without-deprecation" Breaking];
    OPERATION_ID_CHANGED Operations MaybeBreaking "operation-id-changed":
        "another operation id on the same method and path", "no call changes, but generated clients name their methods by it"
        ["api-operation-id-removed" Compatible,
         "whoever regenerates a client has to rename calls, and that is what this comparison is read for"];
    OPERATION_DEPRECATED Operations Compatible "operation-deprecated":
        "an operation is on its way out", "it still works" ["endpoint-deprecated" Compatible];
    OPERATION_REACTIVATED Operations Compatible "operation-reactivated":
        "an operation stays after all", "nothing changes for callers" ["endpoint-reactivated" Compatible];
    PATH_PARAMETER_RENAMED Parameters Compatible "path-parameter-renamed":
        "a parameter of the path has another name", "only its place in the path is sent, never its name";
    PATH_PARAMETERS_SWAPPED Parameters Breaking "path-parameters-swapped":
        "a parameter of the path stands where another stood", "what callers send in its place is taken for the other";
    TAGS_CHANGED Operations Compatible "operation-tags-changed":
        "an operation is in other groups", "no call changes" ["api-tag-removed" Compatible] merged;

    SECURITY_ADDED Operations Breaking "security-added":
        "an operation needs sign-in that needed none", "calls without it are refused"
        ["api-security-added" Compatible,
         "oasdiff sees one more alternative; where nobody had to sign in before, it is a demand"] merged;
    SECURITY_REMOVED Operations Compatible "security-removed":
        "an operation needs no sign-in any more", "calls with it are still answered"
        ["api-security-removed" Breaking,
         "oasdiff sees an alternative less; an operation that is open refuses nobody"] merged;
    SECURITY_ALTERNATIVE_ADDED Operations Compatible "security-alternative-added":
        "another way to sign in", "the others are left" ["api-security-added" Compatible] merged;
    SECURITY_ALTERNATIVE_REMOVED Operations Breaking "security-alternative-removed":
        "a way to sign in is gone", "callers that use it are refused" ["api-security-removed" Breaking] merged;
    SECURITY_SCOPE_ADDED Operations Breaking "security-scope-added":
        "sign-in needs one more scope", "tokens without it are refused" ["api-security-scope-added" Breaking] merged;
    SECURITY_SCOPE_REMOVED Operations Compatible "security-scope-removed":
        "sign-in needs a scope less", "tokens that have it are still accepted" ["api-security-scope-removed" Compatible] merged;

    PARAMETER_ADDED Parameters Compatible "request-parameter-added":
        "a new parameter that may be left out", "calls without it are still accepted" ["new-optional-request-parameter" Compatible];
    REQUIRED_PARAMETER_ADDED Parameters Breaking "request-parameter-added-required":
        "a new parameter that is required", "calls without it are refused" ["new-required-request-parameter" Breaking];
    PARAMETER_REMOVED Parameters MaybeBreaking "request-parameter-removed":
        "a parameter is gone", "the server may refuse it, or ignore what it was there for" ["request-parameter-removed" MaybeBreaking];
    PARAMETER_RENAMED Parameters Breaking "request-parameter-renamed":
        "the same parameter under another name", "what is sent under the former name has no effect, or is refused";
    PARAMETER_MOVED Parameters Breaking "request-parameter-moved":
        "a parameter travels elsewhere: in the path, query, a header or cookie", "it is not found where callers put it";
    PARAMETER_BECAME_REQUIRED Parameters Breaking "request-parameter-became-required":
        "a parameter must be there now", "calls without it are refused" ["request-parameter-became-required" Breaking];
    PARAMETER_BECAME_OPTIONAL Parameters Compatible "request-parameter-became-optional":
        "a parameter may be left out now", "calls with it are still accepted" ["request-parameter-became-optional" Compatible];
    PARAMETER_SERIALIZATION Parameters Breaking "request-parameter-serialization-changed":
        "a parameter is written otherwise (`style`, `explode`, `content`)", "the server reads another value than was sent";
    EMPTY_PARAMETER_ALLOWED Parameters Compatible "request-parameter-empty-allowed":
        "a parameter may be sent without a value (`allowEmptyValue`)", "calls with a value are still accepted";
    EMPTY_PARAMETER_REFUSED Parameters Breaking "request-parameter-empty-refused":
        "a parameter may not be sent without a value any more (`allowEmptyValue`)", "calls without a value are refused";
    PARAMETER_DEPRECATED Parameters Compatible "request-parameter-deprecated":
        "a parameter is on its way out", "it still works" ["request-parameter-deprecated" Compatible];
    PARAMETER_REACTIVATED Parameters Compatible "request-parameter-reactivated":
        "a parameter stays after all", "nothing changes for callers" ["request-parameter-reactivated" Compatible];

    BODY_ADDED Messages Compatible "request-body-added":
        "a request may have a body now", "calls without it are still accepted" ["request-body-added-optional" Compatible];
    REQUIRED_BODY_ADDED Messages Breaking "request-body-added-required":
        "a request must have a body now", "calls without it are refused" ["request-body-added-required" Breaking];
    BODY_REMOVED Messages Breaking "request-body-removed":
        "a request has no body any more", "what callers send has no effect, or is refused" ["request-body-removed" Breaking];
    BODY_BECAME_REQUIRED Messages Breaking "request-body-became-required":
        "a request's body must be there now", "calls without it are refused" ["request-body-became-required" Breaking];
    BODY_BECAME_OPTIONAL Messages Compatible "request-body-became-optional":
        "a request's body may be left out now", "calls with it are still accepted" ["request-body-became-optional" Compatible];
    REQUEST_MEDIA_TYPE_ADDED Messages Compatible "request-media-type-added":
        "a request's body may have another media type", "the others are left" ["request-body-media-type-added" Compatible];
    REQUEST_MEDIA_TYPE_REMOVED Messages Breaking "request-media-type-removed":
        "a media type of a request's body is gone", "bodies of this type are refused" ["request-body-media-type-removed" Breaking];
    SUCCESS_ADDED Messages MaybeBreaking "response-success-status-added":
        "an operation may succeed in another way", "callers that know one status of success may take the other for a failure"
        ["response-success-status-added" Compatible,
         "the server chooses the status, not the caller, and generated clients have one type for success"];
    SUCCESS_REMOVED Messages Breaking "response-success-status-removed":
        "a status of success is gone", "what callers wait for does not come" ["response-success-status-removed" Breaking];
    SUCCESS_STATED Messages Compatible "response-success-status-stated":
        "an operation says how it succeeds, which it did not say", "callers know more"
        ["response-success-status-added" Compatible];
    STATUS_WIDENED Messages MaybeBreaking "response-success-status-widened":
        "a status of success became a range of them, or any (`2XX`, `default`)",
        "callers that know one status of success may take another for a failure"
        ["response-success-status-added" Compatible,
         "as for `response-success-status-added`"];
    STATUS_NARROWED Messages Compatible "response-success-status-narrowed":
        "of a range of statuses of success, or any, certain ones are left (`2XX`, `default`)", "callers expected these among others";
    FAILURE_ADDED Messages Compatible "response-error-status-added":
        "one more way to fail is described", "callers have to expect any error" ["response-non-success-status-added" Compatible];
    FAILURE_REMOVED Messages Compatible "response-error-status-removed":
        "a way to fail is described no more", "callers have to expect any error" ["response-non-success-status-removed" Compatible];
    RESPONSE_MEDIA_TYPE_ADDED Messages Compatible "response-media-type-added":
        "an answer may have another media type", "callers ask for the one that they know" ["response-media-type-added" Compatible];
    RESPONSE_MEDIA_TYPE_REMOVED Messages Breaking "response-media-type-removed":
        "a media type of an answer is gone", "callers that ask for it are refused, or get what they cannot read"
        ["response-media-type-removed" Breaking];
    RESPONSE_BODY_ADDED Messages Compatible "response-body-added":
        "an answer has content that had none", "callers need not read it";
    RESPONSE_BODY_REMOVED Messages Breaking "response-body-removed":
        "an answer has no content any more", "what callers read does not come";
    RESPONSE_HEADER_ADDED Messages Compatible "response-header-added":
        "an answer has another header", "callers need not read it" ["response-header-added" Compatible];
    RESPONSE_HEADER_REMOVED Messages MaybeBreaking "response-header-removed":
        "a header that an answer may have is gone", "callers that read it get nothing" ["optional-response-header-removed" MaybeBreaking];
    REQUIRED_RESPONSE_HEADER_REMOVED Messages Breaking "response-header-removed-required":
        "a header that an answer always had is gone", "callers that rely on it fail" ["required-response-header-removed" Breaking];
    RESPONSE_HEADER_BECAME_OPTIONAL Messages Breaking "response-header-became-optional":
        "a header that an answer always had may be missing", "callers that rely on it fail" ["response-header-became-optional" Breaking];
    RESPONSE_HEADER_BECAME_REQUIRED Messages Compatible "response-header-became-required":
        "an answer always has a header that could be missing", "callers are promised more";

    SERVER_ADDED Document Compatible "server-added":
        "the API is served at one more address", "the others are left";
    SERVER_REMOVED Document MaybeBreaking "server-removed":
        "an address of the API is gone", "whoever calls it there may find nothing";
    SERVER_VARIABLES Document MaybeBreaking "server-variables-changed":
        "an address of the API is put together otherwise (`variables`)", "callers may end up elsewhere, or nowhere";
    SERVER_ORDER Document MaybeBreaking "server-order-changed":
        "another address stands first", "tools call the first one where nobody chooses";
    SCHEME_ADDED Document Compatible "security-scheme-added":
        "a way to sign in is described", "operations say who needs it" ["api-security-component-added" Compatible];
    SCHEME_REMOVED Document Compatible "security-scheme-removed":
        "a way to sign in is described no more", "operations say who misses it" ["api-security-component-removed" Compatible];
    SCHEME_RENAMED Document Compatible "security-scheme-renamed":
        "the same way to sign in under another name", "the name is never sent";
    SCHEME_CHANGED Document MaybeBreaking "security-scheme-changed":
        "a way to sign in works otherwise (addresses, `bearerFormat`, …)", "callers that know the former way may not get in"
        ["api-security-component-oauth-token-url-changed" Compatible,
         "callers have the address of the former token server in their settings or their code"];
    SCHEME_FLOW_ADDED Document Compatible "security-scheme-flow-added":
        "another way to get a token", "the others are left";
    SCHEME_FLOW_REMOVED Document Breaking "security-scheme-flow-removed":
        "a way to get a token is gone", "callers that use it get no token any more";
    SCHEME_SCOPES_CHANGED Document Compatible "security-scheme-scopes-changed":
        "scopes are described that were not, or no more", "operations say which scopes they need"
        ["api-security-component-oauth-scope-removed" Compatible];
    SCHEMA_ADDED Document Compatible "schema-added":
        "a new schema", "what uses it says what changes";
    SCHEMA_REMOVED Document Compatible "schema-removed":
        "a schema is gone", "what used it says what changes" ["api-schema-removed" Compatible];
    SCHEMA_RENAMED Document Compatible "schema-renamed":
        "the same schema under another name", "names of schemas are never sent; generated types are called after them" merged;
    SCHEMA_SPLIT Document Compatible "schema-reference-changed":
        "a place refers to another schema, which has the same place in both",
        "what differs between the two is said by itself" merged;
    UNUSED_SCHEMA_CHANGED Document Compatible "unused-schema-changed":
        "a schema that no operation uses says something else", "it is never sent" summarised;
    TAG_ADDED Document Compatible "tag-added": "a new group of operations", "no call changes" summarised;
    TAG_REMOVED Document Compatible "tag-removed": "a group of operations is gone", "no call changes" summarised;
    INFO_CHANGED Document Compatible "info-changed":
        "title, version or licence differ", "no call changes" summarised;
    DESCRIPTION_CHANGED Document Compatible "description-changed":
        "titles, summaries or descriptions differ", "texts are for people" summarised;
    EXAMPLE_CHANGED Document Compatible "example-changed":
        "examples differ", "examples promise nothing" summarised;
    EXTENSION_CHANGED Document Compatible "extension-changed":
        "a specification extension (`x-…`) differs", "extensions change no call by themselves" summarised;
    NULLABILITY_UNSTATED Document Compatible "nullability-unstated":
        "one side cannot say whether values may be null (Swagger 2.0), so that was not compared",
        "what is not said has not changed" summarised;
    OTHER_MEMBER_CHANGED Document MaybeBreaking "other-member-changed":
        "a part of the document differs that is kept but not understood (callbacks, links, webhooks, …)",
        "what it means for callers is for a person to say";
    COMPARISON_INCOMPLETE Document MaybeBreaking "comparison-incomplete":
        "the schemas nest into each other so often that their comparison was given up",
        "there may be more changes than are listed";
}
