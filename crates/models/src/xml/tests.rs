use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{Associate, ChatSessionEntity, Contact, FieldProperty, FreeForm};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// The document without its declaration, or the error.
fn written<T: XmlElement>(value: &T) -> String {
    match to_xml(value) {
        Ok(text) => text.strip_prefix(DECLARATION).expect("a declaration comes first").to_owned(),
        Err(error) => error.to_string(),
    }
}

fn read<T: XmlElement + std::fmt::Debug>(document: &str) -> String {
    match from_xml::<T>(document.as_bytes(), XmlLimits::default()) {
        Ok(value) => format!("{value:?}"),
        Err(error) => error.to_string(),
    }
}

fn associate(name: &str) -> Associate {
    Associate { name: Some(name.to_owned()), ..Associate::default() }
}

#[test]
fn carriers_are_elements_and_nulls_are_left_out() {
    let session: ChatSessionEntity = serde_json::from_value(json!({
        "ChatSessionId": 813,
        "User": { "Name": "A & <B>", "Deleted": false },
        "Status": "Snoozed",
        "Flags": "UserIsTyping, Away",
        "WhenEnded": "2011-05-20T09:40:58.8163549+02:00",
        "Sale": { "Amount": 15469.423999999999 },
        "FieldProperties": { "Rank": { "FieldLength": 4 }, "Ærø": {} },
    }))
    .unwrap();
    let expected = "<ChatSessionEntity><ChatSessionId>813</ChatSessionId>\
        <User><Name>A &amp; &lt;B&gt;</Name><Deleted>false</Deleted></User>\
        <Status>Snoozed</Status><WhenEnded>2011-05-20T09:40:58.8163549+02:00</WhenEnded><Flags>UserIsTyping, Away</Flags>\
        <Sale><Amount>15469.423999999999</Amount></Sale>\
        <FieldProperties><Rank><FieldLength>4</FieldLength></Rank><Ærø/></FieldProperties></ChatSessionEntity>";
    assert_eq!(written(&session), expected);
    assert_eq!(read::<ChatSessionEntity>(expected), format!("{session:?}"));
    let list = format!("<ArrayOfChatSessionEntity>{expected}<ChatSessionEntity/></ArrayOfChatSessionEntity>");
    assert_eq!(written(&vec![session, ChatSessionEntity::default()]), list);
    assert_eq!(written(&Vec::<ChatSessionEntity>::new()), "<ArrayOfChatSessionEntity/>");
}

#[test]
fn values_have_the_names_of_their_types() {
    assert_eq!(written(&vec![1, 2]), "<ArrayOfint><int>1</int><int>2</int></ArrayOfint>");
    assert_eq!(
        written(&vec![vec![true]]),
        "<ArrayOfArrayOfboolean><ArrayOfboolean><boolean>true</boolean></ArrayOfboolean></ArrayOfArrayOfboolean>"
    );
    assert_eq!(written(&i64::MIN), "<long>-9223372036854775808</long>");
    assert_eq!(written(&1e300), "<double>1e+300</double>");
    assert_eq!(written(&"x".to_owned()), "<string>x</string>");
    assert_eq!(written(&BTreeMap::from([("a".to_owned(), 1.5_f32)])), "<map><a>1.5</a></map>");
    let nil = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"";
    assert_eq!(written(&vec![Some(1), None]), format!("<ArrayOfint><int>1</int><int {nil}/></ArrayOfint>"));
    assert_eq!(
        read::<Vec<Option<i32>>>("<ArrayOfint><int>1</int><int i:nil='1'></int></ArrayOfint>"),
        "[Some(1), None]"
    );
    assert_eq!(written(&Some(f64::NAN)), format!("<double {nil}/>"));
}

#[test]
fn texts_travel_unchanged() {
    for text in ["", " ", "\r\n", "  a\tb \n", "a\rb", "]]>", "&amp;<!--", "Ærø 😀", "\u{85}\u{2028}\u{FEFF}\u{FFFD}"]
    {
        let xml = to_xml(&associate(text)).unwrap();
        let back: Associate = from_xml(xml.as_bytes(), XmlLimits::default()).unwrap();
        assert_eq!(back, associate(text), "{xml}");
    }
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    for (text, code) in [("a\0", "0000"), ("\u{1}", "0001"), ("\u{B}", "000B"), ("\u{FFFE}", "FFFE")] {
        let session = ChatSessionEntity { user: Some(associate(text)), ..ChatSessionEntity::default() };
        let expected = format!("`ChatSessionEntity.User.Name`: XML cannot carry the character U+{code}");
        assert_eq!(written(&session), expected);
    }
    for key in ["", "a b", "1a", "-a", ".a", "SuperOffice:1", "a<b", "a>", "a/", "a\n", "😀\0", "×"] {
        let properties = BTreeMap::from([(key.to_owned(), FieldProperty::default())]);
        let associate = Associate { field_properties: Some(properties), ..Associate::default() };
        let error = to_xml(&associate).expect_err(key);
        assert_eq!(error.path(), "Associate.FieldProperties", "{key:?}");
        assert!(error.to_string().contains("is no name of an XML element"), "{error}");
    }
}

#[test]
fn free_forms_keep_their_types() {
    let address = json!({
        "Street": { "Address1": "Wergelandsveien 27", "Empty": "" },
        "Lines": [1, -2.5e30, "x", null, [], {}, true],
        "None": null,
    });
    let Value::Object(members) = address else { panic!("an object") };
    let contact = Contact { address: Some(crate::Address(FreeForm(members))), ..Contact::default() };
    let expected = "<Contact><Address><Street type=\"object\"><Address1>Wergelandsveien 27</Address1><Empty/></Street>\
        <Lines type=\"array\"><item type=\"number\">1</item><item type=\"number\">-2.5e+30</item><item>x</item>\
        <item type=\"null\"/><item type=\"array\"/><item type=\"object\"/><item type=\"boolean\">true</item></Lines>\
        <None type=\"null\"/></Address></Contact>";
    assert_eq!(written(&contact), expected);
    assert_eq!(read::<Contact>(expected), format!("{contact:?}"));
}

#[test]
fn further_properties_stand_beside_the_documented_ones() {
    #[derive(Debug, PartialEq)]
    struct Open {
        id: Option<i32>,
        rest: BTreeMap<String, String>,
    }
    crate::xml_element! { Open = "Open" { id = "Id" } .. rest }
    let open = Open { id: Some(1), rest: BTreeMap::from([("b".to_owned(), "x".to_owned())]) };
    assert_eq!(written(&open), "<Open><Id>1</Id><b>x</b></Open>");
    assert_eq!(read::<Open>("<Open><b>x</b><Id>1</Id></Open>"), format!("{open:?}"));
    assert_eq!(
        read::<Open>("<Open><b>x</b><b>y</b></Open>"),
        "`Open.b`: the element is there twice at line 1 column 15"
    );
}

#[test]
fn reading_is_lenient_where_that_loses_nothing() {
    let expected = format!("{:?}", associate("a b"));
    for document in [
        "<Associate><Name>a b</Name></Associate>",
        "\u{FEFF}<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<!-- x --><Associate ><Name >a b</Name ></Associate >\n<!-- y --> ",
        "<?xml version=\"1.0\"?><Associate><Name><![CDATA[a]]> &#98;</Name></Associate>",
        "<Associate xmlns='http://example.com' a:b='c'><Name>a<!-- x --> <?pi?>b</Name></Associate>",
        "<Associate><New><Deep>1</Deep>text &lt;</New><Name>a&#x20;b</Name><New/></Associate>",
        "<Associate>\n\t<Name>a b</Name>\r\n</Associate>",
        "<Associate><Rank xsi:nil='true'/><Name>a b</Name></Associate>",
        "<Associate><a:New/><Name>a b</Name></Associate>",
    ] {
        assert_eq!(read::<Associate>(document), expected, "{document}");
    }
    assert_eq!(read::<bool>("<boolean> 1\n</boolean>"), "true");
    assert_eq!(read::<i32>("<int> -7 </int>"), "-7");
}

#[test]
fn wrong_documents_are_refused_with_their_place() {
    for (document, expected) in [
        ("", "there is no root element at line 1 column 1"),
        ("  ", "there is no root element"),
        ("{\"Name\": 1}", "text stands where only elements may"),
        ("<Contact/>", "the root element is `Contact`, not `Associate`"),
        ("<associate/>", "the root element is `associate`, not `Associate`"),
        ("<a:Associate/>", "the root element is `a:Associate`, not `Associate`"),
        ("<Associate/><Associate/>", "something stands after the root element"),
        ("<Associate/>x", "something stands after the root element"),
        ("<Associate/>&lt;", "text stands where only elements may"),
        ("<Associate><Name>a</Name><Name>a</Name></Associate>", "`Associate.Name`: the element is there twice"),
        ("<Associate>\n  <Rank>x</Rank></Associate>", "`Associate.Rank`: not a valid int at line 2 column 10"),
        ("<Associate><Rank></Rank></Associate>", "`Associate.Rank`: not a valid int"),
        ("<Associate><Rank>1.0</Rank></Associate>", "`Associate.Rank`: not a valid int"),
        ("<Associate><Rank>3000000000</Rank></Associate>", "`Associate.Rank`: not a valid int"),
        ("<Associate><Deleted>TRUE</Deleted></Associate>", "`Associate.Deleted`: not a valid boolean"),
        (
            "<Associate><Name><b>a</b></Name></Associate>",
            "`Associate.Name`: the element `b` stands where only text may",
        ),
        ("<Associate><Rank xsi:nil='true'><b/></Rank></Associate>", "`Associate.Rank`: the element `b` stands"),
        ("<Associate>text</Associate>", "`Associate`: text stands where only elements may"),
        ("<Associate>", "`Associate`: the document ends within an element"),
        ("<Associate><Name>a", "`Associate.Name`: the document ends within an element"),
        ("<Associate></Name></Associate>", "`Associate`: not well-formed"),
        ("<Associate><[Name/></Associate>", "`Associate`: `[Name` is no name of an XML element at line 1 column 12"),
        ("<Associate><New><a:b:c/></New></Associate>", "`Associate`: `a:b:c` is no name of an XML element"),
        (
            "<Associate><FieldProperties><a:b/></FieldProperties></Associate>",
            "`Associate.FieldProperties`: `a:b` is no name of an XML element",
        ),
        ("<Associate a='1' a='2'/>", "not well-formed"),
        ("<Associate a=1/>", "not well-formed"),
        ("<Associate a='&x;'/>", "not well-formed"),
        ("<Associate><!-- a -- b --></Associate>", "`Associate`: not well-formed"),
        ("<!DOCTYPE Associate><Associate/>", "a document type is not allowed at line 1 column 1"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><Associate><Name>&b;</Name></Associate>", "a document type is not allowed"),
        ("<Associate><Name>&b;</Name></Associate>", "`Associate.Name`: the entity `b` is not known"),
        ("<Associate><New>&b;</New></Associate>", "`Associate`: the entity `b` is not known"),
        ("<Associate><Name>&#0;</Name></Associate>", "`Associate.Name`: "),
        ("<Associate><Name>&#xB;</Name></Associate>", "`Associate.Name`: XML cannot carry the character U+000B"),
        ("<Associate><Name>a & b</Name></Associate>", "`Associate.Name`: not well-formed"),
        ("<Associate>\n<Name>\u{1}</Name></Associate>", "XML cannot carry the character U+0001 at line 2 column 7"),
        ("<?xml version='1.1'?><Associate/>", "only XML 1.0 is read"),
        ("<?xml version='1.0' encoding='latin1'?><Associate/>", "only UTF-8 is read, not `latin1`"),
        (" <?xml version='1.0'?><Associate/>", "not well-formed: the XML declaration does not come first"),
    ] {
        let error = read::<Associate>(document);
        assert!(error.starts_with(expected), "{document}\n{error}");
    }
    assert_eq!(
        read::<Vec<i32>>("<ArrayOfint><long>1</long></ArrayOfint>"),
        "`ArrayOfint`: an item is `long`, not `int` at line 1 column 13"
    );
    assert!(read::<f64>("<double>NaN</double>").starts_with("`double`: not a valid double"));
    assert!(read::<f64>("<double>inf</double>").starts_with("`double`: not a valid double"));
    for (bytes, expected) in [
        (&b"<Associate>\n\xFF"[..], "the text is not UTF-8 at line 2 column 1"),
        (b"\xFF\xFE<\0A\0", "only UTF-8 is read, not `UTF-16`"),
    ] {
        let error = from_xml::<Associate>(bytes, XmlLimits::default()).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn documents_have_limits() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    let nested = |levels| read::<Associate>(&format!("<Associate>{}</Associate>", deep(levels)));
    assert_eq!(nested(63), format!("{:?}", Associate::default()));
    assert!(nested(64).contains("elements are nested more than 64 deep"));
    let free = |levels| {
        read::<Contact>(&format!(
            "<Contact><Address>{}</Address></Contact>",
            deep(levels).replace("<a>", "<a type='object'>")
        ))
    };
    assert!(free(62).starts_with("Contact {"));
    assert!(free(63).contains("elements are nested more than 64 deep"));
    let limits = XmlLimits { max_bytes: 11, ..XmlLimits::default() };
    assert!(from_xml::<Associate>(b"<Associate/>", limits).unwrap_err().to_string().contains("more than 11 bytes"));
    let limits = XmlLimits { max_bytes: 12, ..XmlLimits::default() };
    assert!(from_xml::<Associate>(b"<Associate/>", limits).is_ok());
    let limited =
        |limits, document: &str| from_xml::<Associate>(document.as_bytes(), limits).map_err(|error| error.to_string());
    let limits = XmlLimits { max_nodes: 3, ..XmlLimits::default() };
    assert!(limited(limits, "<Associate><a/><!-- b --></Associate>").is_ok());
    for document in ["<Associate><a/><b/><c/></Associate>", "<Associate><!-- a --><!-- b --><!-- c --></Associate>"] {
        assert!(limited(limits, document).unwrap_err().starts_with("`Associate`: there are more than 3 elements"));
    }
    let with_attributes = |count| {
        let attributes: String = (0..count).map(|number| format!(" a{number}=''")).collect();
        limited(XmlLimits::default(), &format!("<Associate{attributes}/>"))
    };
    assert!(with_attributes(64).is_ok());
    assert!(with_attributes(65).unwrap_err().starts_with("an element has more than 64 attributes"));
    // Attributes without end are not compared one with the other first.
    assert!(with_attributes(50_000).is_err());
}

/// An end tag that is not closed goes on to the next `>`, wherever that is.
#[test]
fn errors_do_not_repeat_what_stands_in_place_of_an_end_tag() {
    for (document, expected) in [
        (
            "<Associate><Name>x</Nam\n the secret\u{85} </Name></Associate>",
            "`Associate.Name`: not well-formed: the element `Name` does not end with a tag of its own at line 1 column 19",
        ),
        ("<Associate/></the secret>", "not well-formed: an end tag belongs to no element at line 1 column 13"),
    ] {
        assert_eq!(read::<Associate>(document), expected);
    }
    let odd = read::<Associate>("<Associate><Na\u{85}me></Associate>");
    assert!(odd.contains("is no name of an XML element") && !odd.contains(char::is_control), "{odd:?}");
}

/// Nothing that a document may hold many of takes stack: its end would end the process.
#[test]
fn documents_of_many_nodes_are_read_on_a_small_stack() {
    let many = |piece: &str| piece.repeat(99_000);
    let documents = ["<!---->", " <!---->", "<?p?>", " <?p?>"]
        .into_iter()
        .flat_map(|piece| {
            let many = many(piece);
            [
                (format!("<Associate/>{many}"), true),
                (format!("{many}<Associate/>"), true),
                (format!("<Associate>{many}</Associate>"), true),
                (format!("<Associate><Name>a{many}</Name></Associate>"), true),
                (format!("<Associate/>{many}x"), false),
            ]
        })
        .chain([
            (format!("<Associate>{}</Associate>", many("<a/>")), true),
            (format!("<Associate><a>{}</a></Associate>", many("<b/>")), true),
            (format!("<Associate><Name>{}</Name></Associate>", many("&#65;x")), true),
            (format!("<Associate><Name>{}</Name></Associate>", "<![CDATA[]]>".repeat(80_000)), true),
            (format!("<Associate/>{}", many(" \n")), true),
            (format!("<Associate/>{}", many("</a>")), false),
            (many("<a>"), false),
        ])
        .collect::<Vec<_>>();
    let reading = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        for (document, expected) in documents {
            let read = from_xml::<Associate>(document.as_bytes(), XmlLimits::default());
            let (start, end) = (&document[..40], &document[document.len() - 40..]);
            assert_eq!(read.is_ok(), expected, "{start}…{end}: {read:?}");
        }
    });
    reading.unwrap().join().unwrap();
}
