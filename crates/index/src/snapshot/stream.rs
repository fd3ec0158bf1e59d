//! FAISS reads and writes files by name. A pipe has a name, too: so an index streams through, and no face lies on a disk in
//! plain.

use std::io::{PipeReader, PipeWriter, Read, pipe};
use std::os::fd::AsRawFd;

use faiss::index::IndexImpl;
use faiss::index::io::{read_index, write_index};

use crate::error::IndexError;
use crate::vectors::Vectors;

/// Bytes that are read from FAISS at once.
const PIECE: usize = 1 << 20;

/// Hands what FAISS makes of `vectors` to `emit`, piece by piece.
pub(super) fn write_vectors<E: From<IndexError>>(
    vectors: &Vectors,
    mut emit: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut reader, writer) = pipe().map_err(IndexError::Pipe)?;
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            let name = name(writer.as_raw_fd());
            match vectors {
                Vectors::Flat(index) => write_index(index, name),
                Vectors::Inverted(index) => write_index(index, name),
            }
        });
        let mut piece = vec![0; PIECE];
        let emitted = loop {
            match fill(&mut reader, &mut piece) {
                Ok(0) => break Ok(()),
                Ok(length) => {
                    if let Err(error) = emit(&piece[..length]) {
                        break Err(error);
                    }
                }
                Err(error) => break Err(IndexError::Pipe(error).into()),
            }
        };
        // Whoever still writes is told that nobody reads.
        drop(reader);
        let written = writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        emitted?;
        Ok(written.map_err(IndexError::from)?)
    })
}

/// Gives FAISS what `feed` writes, and answers with what it makes of it.
pub(super) fn read_vectors<T, E: From<IndexError>>(
    feed: impl FnOnce(&mut PipeWriter) -> Result<T, E>,
) -> Result<(T, IndexImpl), E> {
    let (reader, mut writer) = pipe().map_err(IndexError::Pipe)?;
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read_all(&reader));
        let fed = feed(&mut writer);
        drop(writer);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // What went wrong with the feeding explains what went wrong with the reading.
        let fed = fed?;
        Ok((fed, read?))
    })
}

fn read_all(reader: &PipeReader) -> Result<IndexImpl, IndexError> {
    Ok(read_index(name(reader.as_raw_fd()))?)
}

fn name(descriptor: i32) -> String {
    format!("/dev/fd/{descriptor}")
}

/// Reads until the piece is full or there is no more, and answers with how much that was.
fn fill(reader: &mut PipeReader, piece: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < piece.len() {
        match reader.read(&mut piece[length..])? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}
