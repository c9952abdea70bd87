//! Rules about what values may be, each in both directions.

use super::{Group, Merge, Pair, Published, Rule, Verdict, merge, published};

macro_rules! table {
    ($($name:ident $code:literal: $meaning:literal
        => $request:ident, $request_why:literal $([$($request_published:tt)*])?
        <= $response:ident, $response_why:literal $([$($response_published:tt)*])? $($merge:ident)?;)*) => {
        $(pub(in crate::diff) static $name: Pair = Pair {
            request: Rule {
                code: concat!("request-", $code),
                group: Group::RequestValues,
                verdict: Verdict::$request,
                meaning: $meaning,
                why: $request_why,
                published: published!($($($request_published)*)?).0,
                differs: published!($($($request_published)*)?).1,
                merge: merge!($($merge)?),
            },
            response: Rule {
                code: concat!("response-", $code),
                group: Group::ResponseValues,
                verdict: Verdict::$response,
                meaning: $meaning,
                why: $response_why,
                published: published!($($($response_published)*)?).0,
                differs: published!($($($response_published)*)?).1,
                merge: merge!($($merge)?),
            },
        };)*

        /// The table's second part.
        pub(super) static VALUES: &[&Pair] = &[$(&$name),*];
    };
}

table! {
    PROPERTY_ADDED "property-added": "a new property that may be missing"
        => Compatible, "bodies without it are still accepted" ["new-optional-request-property" Compatible]
        <= Compatible, "callers pass over what they do not know" ["response-optional-property-added" Compatible];
    REQUIRED_PROPERTY_ADDED "property-added-required": "a new property that must be there"
        => Breaking, "bodies without it are refused" ["new-required-request-property" Breaking]
        <= Compatible, "callers pass over what they do not know" ["response-required-property-added" Compatible];
    PROPERTY_REMOVED "property-removed": "a property that could be missing is gone"
        => MaybeBreaking, "the server may refuse it, or ignore what it was there for" ["request-property-removed" MaybeBreaking]
        <= Breaking, "callers that read it never get it again"
        ["response-optional-property-removed" Compatible,
         "reference pages promise of no property that it is there, so `optional` is no promise of tolerance; callers read what is described, and the field of the generated type is gone"];
    REQUIRED_PROPERTY_REMOVED "property-removed-required": "a property that was always there is gone"
        => MaybeBreaking, "every caller sends it; the server may refuse it, or ignore what it was there for"
        ["request-property-removed" MaybeBreaking]
        <= Breaking, "callers that rely on it fail" ["response-required-property-removed" Breaking];
    PROPERTY_REFUSED "property-refused": "a property is gone from an object that admits no others"
        => Breaking, "bodies with it are refused"
        ["request-property-removed" MaybeBreaking, "the revision says that nothing else is admitted, so it is certain"]
        <= Breaking, "callers that read it never get it again"
        ["response-optional-property-removed" Compatible, "as for `response-property-removed`"];
    PROPERTY_RENAMED "property-renamed": "a property is spelled otherwise"
        => Breaking, "what is sent under the former name has no effect, or is refused"
        <= Breaking, "callers look for the former name";
    PROPERTY_BECAME_REQUIRED "property-became-required": "a property must be there now"
        => Breaking, "bodies without it are refused" ["request-property-became-required" Breaking]
        <= Compatible, "callers are promised more" ["response-property-became-required" Compatible];
    PROPERTY_BECAME_OPTIONAL "property-became-optional": "a property may be missing now"
        => Compatible, "bodies with it are still accepted" ["request-property-became-optional" Compatible]
        <= Breaking, "callers that rely on it fail" ["response-property-became-optional" Breaking];
    PROPERTIES_STATED "properties-stated": "the properties of an object are described that were not"
        => MaybeBreaking, "what callers made up so far may not be what is expected"
        <= Compatible, "callers know more";
    PROPERTIES_UNSTATED "properties-unstated": "the properties of an object are described no more"
        => Compatible, "what was accepted still fits the description"
        <= MaybeBreaking, "nothing promises what callers read";
    OBJECT_CLOSED "object-closed": "an object admits no other properties any more"
        => Breaking, "bodies with others are refused"
        <= Compatible, "callers are promised more";
    OBJECT_OPENED "object-opened": "an object admits other properties now"
        => Compatible, "bodies without others are still accepted"
        <= MaybeBreaking, "callers that refuse what they do not know fail";

    TYPE_CHANGED "type-changed": "a value is of another type"
        => Breaking, "values of the former type are refused" ["request-property-type-changed" Breaking]
        <= Breaking, "callers cannot read the new type" ["response-property-type-changed" Breaking];
    TYPE_WIDENED "type-widened": "a type became a wider one that includes it"
        => Compatible, "former values are still accepted" ["request-property-type-generalized" Compatible]
        <= Breaking, "callers may get what the former type cannot hold" ["response-property-type-generalized" Breaking];
    TYPE_NARROWED "type-narrowed": "a type became a narrower one that it included"
        => Breaking, "some former values are refused" ["request-property-type-changed" Breaking]
        <= Compatible, "callers get a part of what they expect" ["response-property-type-specialized" Compatible];
    TYPE_STATED "type-stated": "a value has a type that could be anything"
        => MaybeBreaking, "callers had to guess what is accepted, most likely this"
        ["request-body-media-type-schema-added" Breaking,
         "an undescribed value was never a promise that everything is accepted"]
        <= Compatible, "callers know more" ["response-body-media-type-schema-added" Compatible];
    TYPE_UNSTATED "type-unstated": "a value may be anything that had a type"
        => Compatible, "former values are still accepted" ["request-body-media-type-schema-removed" Compatible]
        <= MaybeBreaking, "nothing promises what callers read"
        ["response-body-media-type-schema-removed" Breaking,
         "most often the description lost something, and the value is what it was"];
    FORMAT_CHANGED "format-changed": "a value has another format"
        => Breaking, "values in the former format are refused" ["request-property-type-changed" Breaking]
        <= Breaking, "callers cannot read the new format" ["response-property-type-changed" Breaking];
    FORMAT_WIDENED "format-widened": "a number's format became a wider one"
        => Compatible, "former numbers are still accepted" ["request-property-type-generalized" Compatible]
        <= Breaking, "callers may get numbers that the former format cannot hold" ["response-property-type-generalized" Breaking];
    FORMAT_NARROWED "format-narrowed": "a number's format became a narrower one"
        => Breaking, "numbers that it cannot hold are refused" ["request-property-type-changed" Breaking]
        <= Compatible, "callers get a part of what they expect" ["response-property-type-specialized" Compatible];
    FORMAT_ADDED "format-added": "a value has a format that had none"
        => MaybeBreaking, "other values were most likely refused before"
        ["request-property-type-changed" Breaking,
         "a format is an annotation: most often the description became more exact, and the server did not change"]
        <= Compatible, "callers know more" ["response-property-type-specialized" Compatible];
    FORMAT_REMOVED "format-removed": "a value has no format any more"
        => Compatible, "former values are still accepted" ["request-property-type-generalized" Compatible]
        <= MaybeBreaking, "nothing promises the form in which callers read it"
        ["response-property-type-generalized" Breaking, "a format is an annotation, as for `request-format-added`"];
    BECAME_NULLABLE "became-nullable": "a value may be null now"
        => Compatible, "other values are still accepted" ["request-property-became-nullable" Compatible]
        <= Breaking, "callers that do not expect null fail" ["response-property-became-nullable" Breaking] merged;
    BECAME_NOT_NULLABLE "became-not-nullable": "a value may not be null any more"
        => Breaking, "bodies with null are refused" ["request-property-became-not-nullable" Breaking]
        <= Compatible, "callers are promised more" ["response-property-became-not-nullable" Compatible] merged;

    ENUM_ADDED "became-enum": "only certain values are left"
        => Breaking, "others are refused" ["request-property-became-enum" Breaking]
        <= Compatible, "callers are promised more";
    ENUM_REMOVED "enum-removed": "a value is not one of a list any more"
        => Compatible, "the former values are still accepted"
        <= MaybeBreaking, "callers may get values that they do not know";
    ENUM_VALUE_ADDED "enum-value-added": "one more value in a closed list"
        => Compatible, "the others are still accepted" ["request-property-enum-value-added" Compatible]
        <= MaybeBreaking, "callers that know the former values only may fail" ["response-property-enum-value-added" MaybeBreaking];
    ENUM_VALUE_REMOVED "enum-value-removed": "a value less in a closed list"
        => Breaking, "it is refused" ["request-property-enum-value-removed" Breaking]
        <= Compatible, "callers wait for it in vain" ["response-property-enum-value-removed" Compatible];
    ENUM_OPENED "enum-opened": "a closed list of values became an open one (`x-extensible-enum`)"
        => Compatible, "the former values are still accepted"
        <= MaybeBreaking, "callers have to expect values that they do not know";
    ENUM_CLOSED "enum-closed": "an open list of values (`x-extensible-enum`) became a closed one"
        => Breaking, "others are refused"
        <= Compatible, "callers are promised more";
    KNOWN_VALUES_STATED "known-values-stated": "values are listed that were not, and others are admitted"
        => Compatible, "others are still accepted"
        <= Compatible, "callers know more";
    KNOWN_VALUES_UNSTATED "known-values-unstated": "an open list of values is gone"
        => Compatible, "the former values are still accepted"
        <= Compatible, "callers had to expect others before";
    KNOWN_VALUE_ADDED "known-value-added": "one more value in an open list (`x-extensible-enum`)"
        => Compatible, "the others are still accepted"
        <= Compatible, "callers had to expect others before";
    KNOWN_VALUE_REMOVED "known-value-removed": "a value less in an open list (`x-extensible-enum`)"
        => MaybeBreaking, "the server may refuse it"
        ["request-property-x-extensible-enum-value-removed" Breaking,
         "an open list admits values that it does not name, so the removal alone does not prove a refusal"]
        <= Compatible, "callers wait for it in vain";
    BECAME_FLAGS "became-flags": "one value of a list became a set of them, joined in one text (`x-flags`)"
        => Compatible, "one value is a set too"
        <= Breaking, "callers take several values for an unknown one";
    BECAME_SINGLE "became-single": "a set of values, joined in one text (`x-flags`), became one value"
        => Breaking, "several values are refused"
        <= Compatible, "one value is a set too";
    FLAG_ADDED "flag-added": "one more value that a set may have (`x-flags`)"
        => Compatible, "the others are still accepted"
        <= Compatible, "callers had to expect others before";
    FLAG_REMOVED "flag-removed": "a value less that a set may have (`x-flags`)"
        => MaybeBreaking, "the server may refuse it"
        <= Compatible, "callers wait for it in vain";

    CONSTRAINT_TIGHTENED "constraint-tightened": "a bound on a value is new or stricter"
        => Breaking, "values beyond it are refused" ["request-property-max-length-decreased" Breaking]
        <= Compatible, "callers are promised more";
    CONSTRAINT_RELAXED "constraint-relaxed": "a bound on a value is gone or looser"
        => Compatible, "former values are still accepted" ["request-property-max-length-increased" Compatible]
        <= MaybeBreaking, "callers may get what they have no room for"
        ["response-property-max-length-increased" Breaking,
         "few callers check bounds of what they get, and a relaxed one is seldom met by values that exist"];
    CONSTRAINT_CHANGED "constraint-changed": "a bound on a value is another, neither stricter nor looser"
        => MaybeBreaking, "some former values may be refused" ["request-property-pattern-changed" MaybeBreaking]
        <= MaybeBreaking, "callers may get what they do not expect" ["response-property-pattern-changed" MaybeBreaking];
    DEFAULT_CHANGED "default-changed": "something else is assumed where a value is missing"
        => MaybeBreaking, "callers that leave it out mean something else without having changed"
        ["request-parameter-default-value-changed" Compatible,
         "the same request means something else; oasdiff judges by which requests are accepted only"]
        <= Compatible, "callers see the value that they get" ["response-property-default-value-changed" Compatible];
    ALTERNATIVE_ADDED "alternative-added": "a value may be of one more shape (`oneOf`, `anyOf`)"
        => Compatible, "the others are still accepted" ["request-property-one-of-added" Compatible]
        <= Breaking, "callers cannot read it" ["response-property-one-of-added" Breaking];
    ALTERNATIVE_REMOVED "alternative-removed": "a value may be of a shape less (`oneOf`, `anyOf`)"
        => Breaking, "values of this shape are refused" ["request-property-one-of-removed" Breaking]
        <= Compatible, "callers wait for it in vain" ["response-property-one-of-removed" Compatible];
    ALTERNATIVES_EXCLUSIVE "alternatives-exclusive": "a value may fit only one of several shapes (`anyOf` became `oneOf`)"
        => MaybeBreaking, "values that fit several are refused"
        <= Compatible, "callers are promised more";
    ALTERNATIVES_INCLUSIVE "alternatives-inclusive": "a value may fit several shapes at once (`oneOf` became `anyOf`)"
        => Compatible, "values that fit one are still accepted"
        <= MaybeBreaking, "callers that take a value for one of them may miss the others";
    PART_ADDED "all-of-added": "a value has to fit one more schema (`allOf`)"
        => Breaking, "values that do not are refused" ["request-property-all-of-added" Breaking]
        <= Compatible, "callers are promised more" ["response-property-all-of-added" Compatible];
    PART_REMOVED "all-of-removed": "a value has to fit a schema less (`allOf`)"
        => Compatible, "former values are still accepted" ["request-property-all-of-removed" Compatible]
        <= Breaking, "callers are promised less" ["response-property-all-of-removed" Breaking];
    KEYWORD_CHANGED "keyword-changed": "a keyword differs that is kept but not understood (`not`, `discriminator`, …)"
        => MaybeBreaking, "some former values may be refused"
        <= MaybeBreaking, "callers may get what they do not expect";
    XML_CHANGED "xml-changed": "a value is written otherwise in XML"
        => MaybeBreaking, "bodies in XML may be refused; JSON is the same"
        <= MaybeBreaking, "callers that read XML do not find it; JSON is the same" summarised;

    BECAME_READ_ONLY "became-read-only": "a value is only received now"
        => MaybeBreaking, "the server may refuse it, or ignore what is sent"
        ["request-optional-property-became-read-only" Compatible,
         "what callers set so far is not set any more"]
        <= Compatible, "it is still received" ["response-optional-property-became-read-only" Compatible];
    NO_LONGER_READ_ONLY "became-not-read-only": "a value may be sent too now"
        => Compatible, "bodies without it are as before" ["request-optional-property-became-not-read-only" Compatible]
        <= Compatible, "it is still received" ["response-optional-property-became-not-read-only" Compatible];
    BECAME_WRITE_ONLY "became-write-only": "a value is only sent now"
        => Compatible, "it is still accepted" ["request-optional-property-became-write-only" Compatible]
        <= Breaking, "callers that read it never get it again"
        ["response-optional-property-became-write-only" Compatible, "as for `response-property-removed`"];
    NO_LONGER_WRITE_ONLY "became-not-write-only": "a value is received too now"
        => Compatible, "it is still accepted" ["request-optional-property-became-not-write-only" Compatible]
        <= Compatible, "callers pass over what they do not know" ["response-optional-property-became-not-write-only" Compatible];
    DEPRECATED "deprecated": "a value is on its way out"
        => Compatible, "it still works" ["request-property-deprecated" Compatible]
        <= Compatible, "it still works" ["response-property-deprecated" Compatible];
    REACTIVATED "reactivated": "a value stays after all"
        => Compatible, "nothing changes for callers" ["request-property-reactivated" Compatible]
        <= Compatible, "nothing changes for callers" ["response-property-reactivated" Compatible];
}
