//! What stands above the first section: heading, fence, summary, description, path table.

use super::{Description, SectionKind, left_out, parameters, says_nothing};
use crate::codes;
use crate::findings::Findings;
use crate::operation::{self, RequestLine};
use crate::outline::{Block, Prose, ProseKind};
use crate::page::{ParameterRow, Spanned};

/// What was read above the first section.
pub(crate) struct Preamble {
    /// The page's heading.
    pub(crate) heading: Option<Spanned<String>>,
    /// What the `http` fence says.
    pub(crate) fence: Option<RequestLine>,
    /// The first paragraph below the fence.
    pub(crate) summary: Option<Spanned<String>>,
    /// The prose below that.
    pub(crate) description: Option<Spanned<String>>,
    /// The path table, where there is one.
    pub(crate) path_parameters: Option<Vec<ParameterRow>>,
}

/// Reads the blocks above the first section.
pub(crate) fn read(findings: &mut Findings<'_>, blocks: &[Block]) -> Preamble {
    const PLACE: &str = "the page's beginning";
    let fence = operation::fence(findings.text, blocks);
    if let Some((index, _)) = fence
        && let Block::Fence(fence) = &blocks[index]
    {
        operation::check_fence(findings, fence);
    }
    let fence_at = fence.as_ref().map(|(index, _)| *index);
    let mut heading = None;
    let mut summary = None;
    let mut description = Description::default();
    let mut path_parameters = None;
    let mut is_first = true;
    for (index, block) in blocks.iter().enumerate() {
        match block {
            Block::Heading(found) if found.level == 1 && heading.is_none() => {
                heading = Some(findings.spanned(found.text))
            }
            _ if Some(index) == fence_at => {}
            block if fence_at.is_some_and(|at| index < at) => left_out(findings, block, PLACE),
            Block::Table(table) if parameters::is_path_table(findings, table) => {
                if path_parameters.is_none() {
                    path_parameters = Some(parameters::table(findings, SectionKind::PathParts, table));
                } else {
                    findings.add(&codes::EXTRA_TABLE, table.span, "second table of path parts");
                }
            }
            block if says_nothing(block) && is_first => {}
            block if path_parameters.is_some() => left_out(findings, block, PLACE),
            Block::Prose(Prose { kind: ProseKind::Paragraph, span }) if is_first => {
                summary = Some(findings.spanned(*span));
                is_first = false;
            }
            block => {
                description.take(block);
                is_first = false;
            }
        }
    }
    Preamble {
        heading,
        fence: fence.map(|(_, line)| line),
        summary,
        description: description.finish(findings),
        path_parameters,
    }
}
