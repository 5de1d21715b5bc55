//! Content types by extension: a table of our own, so that they are the same on every machine.
//!
//! It looks at names alone, never at bytes, and knows nothing of the machine's own tables.

/// What is served where nothing better is known. Browsers then offer to save it.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The content type of a file whose name ends so, without the dot, in lowercase.
pub(super) fn by_extension(extension: &str) -> Option<&'static str> {
    let at = TABLE.binary_search_by_key(&extension, |(known, _)| known).ok()?;
    TABLE.get(at).map(|(_, content_type)| *content_type)
}

/// The content type of a file that is known by its whole name.
pub(super) fn by_name(name: &str) -> Option<&'static str> {
    match name {
        "apple-app-site-association" => Some("application/json"),
        "CNAME" | "LICENSE" | "README" | "VERSION" | "_headers" | "_redirects" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}

/// In the order of the extensions. Text has its charset, since a browser otherwise guesses; JSON is UTF-8 by itself.
static TABLE: [(&str, &str); 70] = [
    ("aac", "audio/aac"),
    ("apng", "image/apng"),
    ("atom", "application/atom+xml; charset=utf-8"),
    ("avif", "image/avif"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("cur", "image/x-icon"),
    ("data", "application/octet-stream"),
    ("eot", "application/vnd.ms-fontobject"),
    ("flac", "audio/flac"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("gz", "application/gzip"),
    ("heic", "image/heic"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("json5", "application/json5"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpd", "application/dash+xml; charset=utf-8"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("otf", "font/otf"),
    ("pbf", "application/x-protobuf"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("rss", "application/rss+xml; charset=utf-8"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml; charset=utf-8"),
    ("tar", "application/x-tar"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml; charset=utf-8"),
    ("xml", "application/xml; charset=utf-8"),
    ("xsl", "text/xsl; charset=utf-8"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("zip", "application/zip"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_so_that_everything_in_it_is_found() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(TABLE.iter().all(|(extension, content_type)| by_extension(extension) == Some(content_type)));
    }

    #[test]
    fn every_content_type_can_be_sent() {
        for (_, content_type) in &TABLE {
            assert!(content_type.parse::<super::super::HeaderValue>().is_ok(), "{content_type}");
        }
    }

    #[test]
    fn text_has_a_charset_and_nothing_else_has() {
        for (_, content_type) in &TABLE {
            let is_text = content_type.starts_with("text/") || content_type.contains("xml");
            assert_eq!(content_type.ends_with("; charset=utf-8"), is_text, "{content_type}");
        }
    }
}
