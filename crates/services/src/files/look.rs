//! What a file is, by its content: an image that browsers and models know, or a text. Nothing is decoded.

use std::io::{self, Read, Seek, SeekFrom};

/// How much of a file's beginning is looked at first.
pub(super) const HEAD_BYTES: usize = 512;
/// The longest side of an image, in pixels.
const MOST_SIDE: i64 = 20_000;
/// The most pixels of an image.
const MOST_PIXELS: i64 = 100_000_000;
/// How many pieces of an image are looked through for its size.
const MOST_PIECES: usize = 10_000;

/// What a file seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seems {
    /// An image of this format.
    Image(Format),
    /// Perhaps a text.
    Text,
    /// Neither; in words.
    Other(&'static str),
}

/// A format of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Gif,
    WebP,
}

impl Format {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// What the beginning of a file says.
pub(super) fn at_head(head: &[u8]) -> Seems {
    let is = |format| Seems::Image(format);
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => is(Format::Png),
        [0xff, 0xd8, 0xff, ..] => is(Format::Jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => is(Format::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => is(Format::WebP),
        [b'%', b'P', b'D', b'F', b'-', ..] => Seems::Other("a PDF"),
        [b'P', b'K', 3, 4, ..] => Seems::Other("an archive or an office document"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Seems::Other("a text that is not UTF-8"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            Seems::Other("a film, or an image of a kind that is not taken")
        }
        _ if head.contains(&0) => Seems::Other("neither an image nor a text"),
        _ => Seems::Text,
    }
}

/// Whether all of it is text.
pub(super) fn is_text(content: &[u8]) -> bool {
    !content.contains(&0) && std::str::from_utf8(content).is_ok()
}

/// Width and height of an image; `None` if it is damaged.
pub(super) fn size_of(format: Format, file: &mut (impl Read + Seek)) -> io::Result<Option<(i64, i64)>> {
    let size = match format {
        Format::Png => png(file),
        Format::Jpeg => jpeg(file),
        Format::Gif => gif(file),
        Format::WebP => webp(file),
    };
    match size {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        size => Ok(size?.filter(|(width, height)| *width > 0 && *height > 0)),
    }
}

/// Whether a browser can be asked to show it.
pub(super) fn is_bearable((width, height): (i64, i64)) -> bool {
    width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_PIXELS
}

type Size = io::Result<Option<(i64, i64)>>;

fn bytes<const N: usize>(file: &mut (impl Read + Seek), at: u64) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn big(high: u8, low: u8) -> i64 {
    i64::from(u16::from_be_bytes([high, low]))
}

fn little(low: u8, high: u8) -> i64 {
    i64::from(u16::from_le_bytes([low, high]))
}

fn png(file: &mut (impl Read + Seek)) -> Size {
    let head: [u8; 24] = bytes(file, 0)?;
    let number =
        |at: usize| i64::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]));
    Ok((&head[12..16] == b"IHDR").then(|| (number(16), number(20))))
}

fn gif(file: &mut (impl Read + Seek)) -> Size {
    let [a, b, c, d] = bytes(file, 6)?;
    Ok(Some((little(a, b), little(c, d))))
}

/// The size stands in the frame header, behind however many other segments.
fn jpeg(file: &mut (impl Read + Seek)) -> Size {
    let mut at = 2;
    for _ in 0..MOST_PIECES {
        let [mark, kind, high, low] = bytes(file, at)?;
        if mark != 0xff {
            return Ok(None);
        }
        match kind {
            // Filling before a marker.
            0xff => at += 1,
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, a, b, c, d] = bytes(file, at + 4)?;
                return Ok(Some((big(c, d), big(a, b))));
            }
            // The image itself begins, or all is over: there was no frame header.
            0xda | 0xd9 => return Ok(None),
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => at += 2 + big(high, low).max(2) as u64,
        }
    }
    Ok(None)
}

fn webp(file: &mut (impl Read + Seek)) -> Size {
    let head: [u8; 30] = bytes(file, 0)?;
    let body = &head[20..];
    Ok(match &head[12..16] {
        b"VP8X" => {
            let number =
                |at: usize| 1 + i64::from(u32::from_le_bytes([body[at], body[at + 1], body[at + 2], 0]));
            Some((number(4), number(7)))
        }
        b"VP8L" if body[0] == 0x2f => {
            let packed = u32::from_le_bytes([body[1], body[2], body[3], body[4]]);
            Some((1 + i64::from(packed & 0x3fff), 1 + i64::from(packed >> 14 & 0x3fff)))
        }
        b"VP8 " if body[3..6] == [0x9d, 0x01, 0x2a] => {
            Some((little(body[6], body[7]) & 0x3fff, little(body[8], body[9]) & 0x3fff))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn size(format: Format, content: &[u8]) -> Option<(i64, i64)> {
        size_of(format, &mut Cursor::new(content)).unwrap()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png
    }

    #[test]
    fn the_content_counts_and_not_the_name() {
        assert_eq!(at_head(&png(1, 1)), Seems::Image(Format::Png));
        assert_eq!(at_head(b"\xff\xd8\xff\xe0"), Seems::Image(Format::Jpeg));
        assert_eq!(at_head(b"GIF89a"), Seems::Image(Format::Gif));
        assert_eq!(at_head(b"RIFF\0\0\0\0WEBP"), Seems::Image(Format::WebP));
        for text in
            ["", "a,b\n1,2", "<svg onload=alert(1)>", "<!doctype html>", "MZ is how they begin", "GIF"]
        {
            assert_eq!(at_head(text.as_bytes()), Seems::Text, "{text}");
        }
        for other in [&b"%PDF-1.7"[..], b"PK\x03\x04", b"MZ\x90\0\x03", b"\0\0\0\x20ftypheic", b"\xff\xfea\0"]
        {
            assert!(matches!(at_head(other), Seems::Other(_)), "{other:?}");
        }
        assert!(is_text("naïve\r\n\u{1b}[1m".as_bytes()));
        assert!(!is_text(b"a\0b") && !is_text(b"caf\xe9"));
    }

    #[test]
    fn a_size_is_read_in_every_format() {
        assert_eq!(size(Format::Png, &png(640, 480)), Some((640, 480)));
        assert_eq!(size(Format::Gif, b"GIF89a\x02\x01\x03\0"), Some((258, 3)));
        let mut jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xfe\0\x05abc".to_vec();
        jpeg.extend(b"\xff\xc2\0\x11\x08\x01\x02\x03\x04");
        assert_eq!(size(Format::Jpeg, &jpeg), Some((0x0304, 0x0102)));
        let webp = |kind: &[u8], body: &[u8]| {
            let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
            webp.extend(kind);
            webp.extend([0; 4]);
            webp.extend(body);
            webp.resize(30, 0);
            size(Format::WebP, &webp)
        };
        assert_eq!(webp(b"VP8X", b"\0\0\0\0\x7f\x02\0\xdf\x01\0"), Some((640, 480)));
        assert_eq!(webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x80\x02\xe0\x01"), Some((640, 480)));
        let packed: u32 = 639 + (479 << 14);
        assert_eq!(webp(b"VP8L", &[&[0x2f][..], &packed.to_le_bytes()].concat()), Some((640, 480)));
        assert_eq!(webp(b"ALPH", b""), None);
    }

    #[test]
    fn what_is_damaged_or_huge_is_known() {
        assert_eq!(size(Format::Png, &png(1, 1)[..20]), None);
        assert_eq!(size(Format::Png, &png(0, 1)), None);
        assert_eq!(size(Format::Jpeg, b"\xff\xd8\xff\xda"), None);
        assert_eq!(size(Format::Jpeg, b"\xff\xd8\xff\xe0\0\0"), None);
        assert!(is_bearable((10_000, 10_000)));
        assert!(!is_bearable((60_000, 60_000)) && !is_bearable((30_000, 1)));
    }
}
