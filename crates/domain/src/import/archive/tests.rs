use std::io::{Cursor, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Archive, ArchiveProblem, Limits, parts};

const LIMITS: Limits = Limits { entries: 10, entry_bytes: 1000, total_bytes: 3000 };

/// An archive of these files.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).expect("a file");
        writer.write_all(bytes).expect("bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

fn open(bytes: &[u8]) -> Result<Archive<Cursor<&[u8]>>, ArchiveProblem> {
    Archive::open(Cursor::new(bytes), LIMITS)
}

fn code(bytes: &[u8]) -> &'static str {
    open(bytes).map(drop).expect_err("a problem").code()
}

#[test]
fn files_are_read_whole() {
    let bytes = archive(&[("a.csv", b"one"), ("S1_Zoé/./1.jpg", b"two")]);
    let mut archive = open(&bytes).expect("an archive");
    let entries = archive.entries().to_vec();
    assert_eq!(entries[0].path, ["a.csv"]);
    assert_eq!(entries[1].path, ["S1_Zoé", "1.jpg"]);
    assert_eq!(archive.read(&entries[0]).expect("bytes"), b"one");
    assert_eq!(archive.read(&entries[1]).expect("bytes"), b"two");
}

#[test]
fn what_leads_out_is_refused() {
    for name in ["/etc/passwd", "../a", "a/../../b", "C:\\a", "\\\\host\\a", "a\0b", "a/..", "a\nb"] {
        assert_eq!(parts(name), None, "{name:?}");
    }
    assert_eq!(parts("a\\b/./c//d.jpg"), Some(["a", "b", "c", "d.jpg"].map(str::to_owned).to_vec()));
    assert_eq!(code(&archive(&[("../../a.csv", b"x")])), "unsafe_name");
}

#[test]
fn what_holds_too_much_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 1001];
    assert_eq!(code(&archive(&[("a", &zeros)])), "too_large");
    let names: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let most: Vec<(&str, &[u8])> = names[..4].iter().map(|name| (name.as_str(), &zeros[..900])).collect();
    assert_eq!(code(&archive(&most)), "too_large");
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(code(&archive(&many)), "too_large");
}

#[test]
fn a_file_that_is_larger_than_it_claims_is_not_read() {
    let zeros = vec![0; 900];
    let mut bytes = archive(&[("bomb", &zeros)]);
    // The unpacked size in the local header and in the directory.
    let size = 900_u32.to_le_bytes();
    let places: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, w)| *w == size).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&9_u32.to_le_bytes());
    }
    let mut archive = open(&bytes).expect("it looks harmless");
    let entry = archive.entries()[0].clone();
    assert!(archive.read(&entry).is_err());
}

#[test]
fn what_is_no_archive_says_so() {
    assert_eq!(code(b""), "not_an_archive");
    assert_eq!(code(b"PK\x03\x04 and no more"), "not_an_archive");
    let mut damaged = archive(&[("a", b"some text that is long enough to be packed, packed, packed")]);
    damaged[34] ^= 0xff;
    if let Ok(mut archive) = open(&damaged) {
        let entry = archive.entries()[0].clone();
        assert_eq!(archive.read(&entry).expect_err("a problem").code(), "not_an_archive");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = open(&bytes);
    }

    /// Whatever single bytes of an archive are changed, no more is unpacked than may be.
    #[test]
    fn no_change_makes_it_panic_or_unpack_too_much(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = archive(&[("a/1.csv", &[0; 800]), ("b/2.csv", b"text, text, text"), ("c", b"")]);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(mut archive) = open(&bytes) {
            let entries = archive.entries().to_vec();
            let read: usize = entries.iter().filter_map(|entry| archive.read(entry).ok()).map(|read| read.len()).sum();
            prop_assert!(read as u64 <= LIMITS.total_bytes);
        }
    }
}
