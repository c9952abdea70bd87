//! The document of a list, item by item.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::writer::check_name;
use super::{XmlElement, XmlError, XmlWriter};

/// Writes the document of a list in parts, so that it is never whole in memory: together they are what
/// [`to_xml`](super::to_xml) makes of a `Vec` of the same items.
///
/// ```
/// use chat_models::xml::{XmlList, to_xml};
///
/// let mut list = XmlList::new()?;
/// let mut parts = String::new();
/// for number in [1, 2] {
///     parts += &list.before_item();
///     parts += &list.item(&number)?;
/// }
/// parts += &list.end();
/// assert_eq!(parts, to_xml(&vec![1, 2])?);
/// # Ok::<(), chat_models::xml::XmlError>(())
/// ```
#[derive(Debug)]
pub struct XmlList<T> {
    root: Cow<'static, str>,
    item: Cow<'static, str>,
    is_begun: bool,
    items: PhantomData<fn(&T)>,
}

impl<T: XmlElement> XmlList<T> {
    /// A list without items so far.
    ///
    /// # Errors
    /// Its root has a name that none can have.
    pub fn new() -> Result<Self, XmlError> {
        let root = Vec::<T>::element_name();
        check_name(&root)?;
        Ok(Self { root, item: T::element_name(), is_begun: false, items: PhantomData })
    }

    /// What stands before the next item: the beginning of the document before the first one, nothing before the others.
    pub fn before_item(&mut self) -> String {
        let mut writer = if self.is_begun { XmlWriter::part() } else { XmlWriter::new() };
        if !self.is_begun {
            writer.open(&self.root);
        }
        self.is_begun = true;
        writer.finish()
    }

    /// The part of this item, wherever it stands in the list.
    ///
    /// # Errors
    /// XML cannot carry the item; the error names the property.
    pub fn item(&self, item: &T) -> Result<String, XmlError> {
        let mut writer = XmlWriter::part();
        item.write_element(&self.item, &mut writer).map_err(|error| error.within(&self.root))?;
        Ok(writer.finish())
    }

    /// The last part.
    pub fn end(&self) -> String {
        let root = &self.root;
        if self.is_begun { format!("</{root}>") } else { XmlWriter::new().finish() + &format!("<{root}/>") }
    }
}

#[cfg(test)]
mod tests {
    use crate::xml::to_xml;

    use super::*;

    fn check<T: XmlElement>(items: Vec<T>) {
        let mut list = XmlList::new().unwrap();
        let mut parts: String = items.iter().map(|item| list.before_item() + &list.item(item).unwrap()).collect();
        parts += &list.end();
        assert_eq!(parts, to_xml(&items).unwrap());
    }

    #[test]
    fn parts_make_up_the_document_of_the_list() {
        check::<i32>(vec![]);
        check(vec![1, 2, 3]);
        check(vec![Some("<a>".to_owned()), None, Some(String::new())]);
        check(vec![vec![vec![true]], vec![], vec![vec![]]]);
    }

    #[test]
    fn what_xml_cannot_carry_is_named_as_in_the_list() {
        let items = ["a".to_owned(), "\u{1}".to_owned()];
        let list = XmlList::new().unwrap();
        list.item(&items[0]).unwrap();
        assert_eq!(list.item(&items[1]), Err(to_xml(&items.to_vec()).unwrap_err()));
    }
}
