//! Swagger UI, out of the archive that comes as a crate: only the files that are needed.

use std::io::Read as _;
use std::sync::OnceLock;

use flate2::{Crc, bufread::DeflateDecoder};
use rawzip::{CompressionMethod, ZipArchive};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

use crate::{File, media_type};

/// The version of Swagger UI. Also the archive's folder.
pub const VERSION: &str = "5.32.6";

/// What of the archive the site has, and under which names.
const FILES: [(&str, &str); 4] = [
    ("dist/swagger-ui.css", "swagger-ui.css"),
    ("dist/swagger-ui-bundle.js", "swagger-ui-bundle.js"),
    ("LICENSE", "swagger-ui-LICENSE.txt"),
    ("NOTICE", "swagger-ui-NOTICE.txt"),
];

/// Why Swagger UI cannot be taken out of its archive.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot read Swagger UI: {0}")]
pub struct ArchiveError(String);

impl ArchiveError {
    fn new(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// A file of the archive: as text, and as the gzip stream that its deflated bytes are but for a head and a tail.
struct Unpacked {
    path: &'static str,
    text: String,
    gzip: Option<Vec<u8>>,
}

/// The files of Swagger UI. Unpacked once.
pub(crate) fn files() -> Result<Vec<File>, ArchiveError> {
    static UNPACKED: OnceLock<Result<Vec<Unpacked>, ArchiveError>> = OnceLock::new();
    let unpacked = UNPACKED.get_or_init(unpack).as_ref().map_err(Clone::clone)?;
    Ok(unpacked
        .iter()
        .map(|file| File {
            path: file.path,
            media_type: media_type(file.path),
            contents: (&*file.text).into(),
            gzip: file.gzip.as_deref(),
            version: VERSION.to_owned(),
        })
        .collect())
}

fn unpack() -> Result<Vec<Unpacked>, ArchiveError> {
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED).map_err(ArchiveError::new)?;
    let mut unpacked = Vec::new();
    let mut entries = archive.entries();
    while let Some(header) = entries.next_entry().map_err(ArchiveError::new)? {
        let wanted = FILES
            .iter()
            .find(|(path, _)| header.file_path().as_ref() == format!("swagger-ui-{VERSION}/{path}").as_bytes());
        let Some((_, path)) = wanted else { continue };
        let entry = archive.get_entry(header.wayfinder()).map_err(ArchiveError::new)?;
        let mut text = String::new();
        let gzip = match header.compression_method() {
            CompressionMethod::DEFLATE => {
                let mut reader = entry.verifying_reader(DeflateDecoder::new(entry.data()));
                reader.read_to_string(&mut text).map_err(ArchiveError::new)?;
                Some(gzip(entry.data(), &text))
            }
            _ => {
                entry.verifying_reader(entry.data()).read_to_string(&mut text).map_err(ArchiveError::new)?;
                None
            }
        };
        unpacked.push(Unpacked { path, text, gzip });
    }
    match FILES.iter().find(|(_, path)| unpacked.iter().all(|file| file.path != *path)) {
        Some((missing, _)) => Err(ArchiveError(format!("version {VERSION} has no `{missing}`"))),
        None => Ok(unpacked),
    }
}

/// A gzip stream (RFC 1952) of deflated bytes.
fn gzip(deflated: &[u8], text: &str) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(text.as_bytes());
    // Deflate, no flags, no time, nothing said of how well and where it was compressed.
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let tail = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    [&head, deflated, &tail].concat()
}
