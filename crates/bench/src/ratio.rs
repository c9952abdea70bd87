//! Ratios, the only figures that one machine can tell another.

use std::fmt;

use crate::say;

const HEAD: &str = "ratio: ";

/// What was measured over what it is held against, in one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Ratio {
    /// What is compared with what.
    pub name: String,
    /// How many times as much.
    pub value: f64,
    /// What is wanted, where something is.
    pub goal: Option<Goal>,
}

/// What a ratio should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
}

impl Ratio {
    /// Prints the ratio `ours / theirs`; a goal is what it should be.
    pub fn print(name: impl Into<String>, value: f64, goal: Option<Goal>) {
        say(Self { name: name.into(), value, goal });
    }

    /// What a line says that was printed; nothing where it is another line.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.strip_prefix(HEAD)?;
        let (line, goal) = match line.strip_suffix(')').and_then(|line| line.rsplit_once(" (goal: ")) {
            Some((line, goal)) => (line, Some(Goal::parse(goal)?)),
            None => (line, None),
        };
        let (name, value) = line.rsplit_once(" = ")?;
        Some(Self { name: name.to_owned(), value: value.parse().ok()?, goal })
    }

    /// Whether it is what it should be, where that was said.
    pub fn is_met(&self) -> Option<bool> {
        self.goal.map(|goal| match goal {
            Goal::AtLeast(bound) => self.value >= bound,
            Goal::AtMost(bound) => self.value <= bound,
        })
    }
}

impl Goal {
    fn parse(text: &str) -> Option<Self> {
        let (kind, bound) = text.rsplit_once(' ')?;
        let bound = bound.parse().ok()?;
        match kind {
            "at least" => Some(Self::AtLeast(bound)),
            "at most" => Some(Self::AtMost(bound)),
            _ => None,
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEAD}{} = {:.3}", self.name, self.value)?;
        self.goal.map_or(Ok(()), |goal| write!(f, " (goal: {goal})"))
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "at least {bound}"),
            Self::AtMost(bound) => write!(f, "at most {bound}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_gathered() {
        for (goal, is_met) in
            [(None, None), (Some(Goal::AtLeast(0.5)), Some(true)), (Some(Goal::AtMost(0.5)), Some(false))]
        {
            let ratio = Ratio { name: "a (b) = c".to_owned(), value: 0.625, goal };
            assert_eq!(Ratio::parse(&ratio.to_string()), Some(ratio.clone()));
            assert_eq!(ratio.is_met(), is_met);
        }
    }

    #[test]
    fn other_lines_are_no_ratios() {
        for line in ["", "ratio:", "ratio: a", "ratio: a = b", "ratio: a = 1 (goal: about 2)", "  ratio: 2.67"] {
            assert_eq!(Ratio::parse(line), None, "{line:?}");
        }
    }
}
