//! Sorts the page's blocks by the section that they stand in.

use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::Findings;
use crate::outline::{Block, Fence};
use crate::page::Span;
use crate::sample::Direction;
use crate::sections::{SectionKind, title};

/// A section with its blocks.
pub(crate) struct Section<'b> {
    kind: SectionKind,
    /// The heading.
    pub(crate) heading: Span,
    /// What stands behind the heading's colon.
    pub(crate) tail: Option<Span>,
    /// What stands below the heading.
    pub(crate) blocks: Vec<&'b Block>,
    has_table: bool,
}

/// The page's blocks from the first section on, by section; the samples by themselves.
///
/// A page has each section once. What belongs to none is dropped, with a complaint.
pub(crate) struct Grouped<'b> {
    sections: Vec<Section<'b>>,
    samples: Vec<(Option<Direction>, &'b Fence)>,
    /// The section whose blocks come now; `None` below what is left out.
    current: Option<usize>,
}

impl<'b> Grouped<'b> {
    /// Sorts the blocks.
    pub(crate) fn new(findings: &mut Findings<'_>, blocks: &'b [Block]) -> Self {
        let mut grouped = Self { sections: Vec::new(), samples: Vec::new(), current: None };
        for block in blocks {
            match block {
                Block::Heading(heading) => match title(findings.text, heading) {
                    Some(title) if title.kind == SectionKind::ResponseBody => {
                        grouped.response_body(heading.span, block);
                    }
                    Some(title) => grouped.begin(findings, title.kind, heading.span, title.tail),
                    None => grouped.unknown(findings, heading.text, block),
                },
                Block::Fence(fence) if grouped.is_sample(findings, fence) => {
                    grouped.samples.push((grouped.direction(), fence));
                }
                block => grouped.push(block),
            }
        }
        grouped
    }

    /// The section of a kind.
    pub(crate) fn find(&self, kind: SectionKind) -> Option<&Section<'b>> {
        self.sections.iter().find(|section| section.kind == kind)
    }

    /// The samples, each with the direction that the heading above it announces.
    pub(crate) fn samples(&self) -> impl Iterator<Item = (Option<Direction>, &'b Fence)> {
        self.samples.iter().copied()
    }

    fn current(&self) -> Option<&Section<'b>> {
        self.sections.get(self.current?)
    }

    fn push(&mut self, block: &'b Block) {
        if let Some(section) = self.current.and_then(|current| self.sections.get_mut(current)) {
            section.has_table |= matches!(block, Block::Table(_));
            section.blocks.push(block);
        }
    }

    fn begin(&mut self, findings: &mut Findings<'_>, kind: SectionKind, heading: Span, tail: Option<Span>) {
        if self.find(kind).is_some() {
            findings.add(&codes::DUPLICATE_SECTION, heading, format!("second section `{}`", kind.name()));
            self.current = None;
            return;
        }
        if let Some(behind) = self.sections.iter().find(|section| section.kind > kind) {
            let message = format!("section `{}` stands behind `{}`", kind.name(), behind.kind.name());
            findings.add(&codes::SECTION_ORDER, heading, message);
        }
        self.add(kind, heading, tail);
    }

    fn add(&mut self, kind: SectionKind, heading: Span, tail: Option<Span>) {
        self.current = Some(self.sections.len());
        self.sections.push(Section { kind, heading, tail, blocks: Vec::new(), has_table: false });
    }

    /// "Response body" belongs to the response, or stands for one where there is none.
    fn response_body(&mut self, heading: Span, block: &'b Block) {
        match self.sections.iter().position(|section| section.kind == SectionKind::Response) {
            Some(response) => self.current = Some(response),
            None => self.add(SectionKind::Response, heading, None),
        }
        self.push(block);
    }

    /// An unknown heading is prose where prose is expected, and begins a part that is left out elsewhere.
    fn unknown(&mut self, findings: &mut Findings<'_>, text: Span, block: &'b Block) {
        let message = format!("section {} is not known", quoted(findings.slice(text)));
        let takes_prose = self.current().is_some_and(|section| {
            matches!(section.kind, SectionKind::RequestBody | SectionKind::Response) && !section.has_table
        });
        let found = findings.add(&codes::UNKNOWN_SECTION, block.span(), message);
        if takes_prose {
            found.note = Some("it is read as prose of the section above".to_owned());
            self.push(block);
        } else {
            found.note = Some("what stands below it is left out".to_owned());
            self.current = None;
        }
    }

    /// Which sample the heading announces.
    fn direction(&self) -> Option<Direction> {
        match self.current()?.kind {
            SectionKind::SampleRequest => Some(Direction::Request),
            SectionKind::SampleResponse => Some(Direction::Response),
            _ => None,
        }
    }

    fn is_sample(&self, findings: &Findings<'_>, fence: &Fence) -> bool {
        self.direction().is_some()
            || matches!(findings.slice(fence.info).to_ascii_lowercase().as_str(), "http!" | "http_")
    }
}
