//! Pictures that are just whole enough, and pictures that are not. The gateway looks at their bytes, never at pixels.

/// A frame header of `width` x `height`, a scan and the end.
pub(crate) fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0];
    bytes.extend([0xFF, 0xC0, 0, 11, 8]);
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0]);
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0]);
    bytes.extend([1, 2, 3, 4, 0xFF, 0xD9]);
    bytes
}

/// A JPEG that breaks off.
pub(crate) fn truncated_jpeg() -> Vec<u8> {
    let mut bytes = jpeg(640, 480);
    bytes.truncate(bytes.len() - 4);
    bytes
}

/// A PNG with nothing but its header and its end.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    bytes
}

pub(crate) fn gif() -> Vec<u8> {
    b"GIF89a\x40\0\x40\0\0\0\0;".to_vec()
}

/// The header of a WebP with the animation flag.
pub(crate) fn animated_webp() -> Vec<u8> {
    let mut bytes = b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0".to_vec();
    bytes.extend([99, 0, 0, 99, 0, 0]);
    bytes
}

/// Eleven MiB that begin like a JPEG.
pub(crate) fn eleven_mebibytes() -> Vec<u8> {
    let mut bytes = jpeg(640, 480);
    bytes.resize(11 * 1024 * 1024, 0);
    bytes
}
