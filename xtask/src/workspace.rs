//! Where things stand in the workspace.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The folder of the workspace.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace at `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The workspace that this crate belongs to.
    ///
    /// # Errors
    /// When the folder of the crate has no parent.
    pub fn locate() -> anyhow::Result<Self> {
        // cargo sets the variable at run time too, which stays right when the folder is moved.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).parent().context("the folder of xtask has no parent")?;
        Ok(Self::new(root))
    }

    /// The workspace's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The pages.
    pub fn documents(&self) -> PathBuf {
        self.root.join("documents")
    }

    /// What people know better than the pages.
    pub fn overlay(&self) -> PathBuf {
        self.root.join("openapi.overlay.yaml")
    }

    /// The contract.
    pub fn contract(&self) -> PathBuf {
        self.root.join("openapi.yaml")
    }

    /// What the trials of SDKs in other languages need.
    pub(crate) fn sdk(&self) -> PathBuf {
        self.root.join("sdk")
    }

    /// Where cargo builds, as an absolute path.
    pub fn target(&self) -> PathBuf {
        let named = std::env::var_os("CARGO_TARGET_DIR").filter(|folder| !folder.is_empty());
        let target = named.map_or_else(|| self.root.join("target"), PathBuf::from);
        std::path::absolute(&target).unwrap_or(target)
    }
}
