//! `HEAD` and `GET` of a layer. ECR answers a `GET` with the address of the layer, and so does the simulator.
//!
//! The bytes go out at that address (`download`).

use std::io;

use hyper::StatusCode;

use super::{
    problem::Problem,
    visit::{Answered, Visit},
};
use crate::{
    content::{BlobStore, FileSlice},
    ecr::Layer,
    simulator::Shared,
    wire::reply::Reply,
    world::not_before_today,
};

const OCTETS: &str = "application/octet-stream";

pub(super) fn head(shared: &Shared, visit: &Visit<'_>, digest: &str) -> Answered {
    let layer = find(shared, visit, digest)?;
    let reply = Reply::empty(StatusCode::OK).with_header("docker-content-digest", digest);
    let reply = reply.with_header("content-type", OCTETS).with_header("accept-ranges", "bytes");
    Ok(reply.with_length(layer.size))
}

pub(super) fn get(shared: &Shared, visit: &Visit<'_>, digest: &str) -> Answered {
    let layer = find(shared, visit, digest)?;
    let (location, store, is_redirected) = {
        let world = shared.world();
        let now = not_before_today(world.clock.now());
        let location = world.site.address(&visit.address.place, &visit.address.repository, digest, now);
        (location, world.site.store.clone(), world.estate.registry_knobs.redirect_layers)
    };
    if is_redirected {
        return Ok(Reply::empty(StatusCode::TEMPORARY_REDIRECT).with_header("location", &location));
    }
    content(&store, &layer, digest, visit.header("range"))
}

/// The layer of the repository.
pub(super) fn find(shared: &Shared, visit: &Visit<'_>, digest: &str) -> Result<Layer, Problem> {
    let mut world = shared.world();
    let registry = world.estate.registry(&visit.address.place);
    let layer = registry.layer(&visit.address.repository, digest).cloned();
    layer.ok_or_else(|| {
        Problem::new(404, "BLOB_UNKNOWN", format!("There is no layer with digest '{digest}' in the repository"))
    })
}

/// The bytes of a layer, or the part of them that was asked for.
pub(super) fn content(store: &BlobStore, layer: &Layer, digest: &str, range: Option<&str>) -> Answered {
    let (first, last) = match range.map(|range| bounds(range, layer.size)) {
        None | Some(Asked::Whole) => (0, layer.size),
        Some(Asked::Part(first, end)) => (first, end),
        Some(Asked::Nothing) => {
            let problem = Problem::new(416, "SIZE_INVALID", "The requested range is not satisfiable");
            return Err(problem.with_header("content-range", format!("bytes */{}", layer.size)));
        }
    };
    let is_part = last - first < layer.size;
    let status = if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let reply = Reply::empty(status).with_header("content-type", OCTETS).with_header("docker-content-digest", digest);
    let reply = reply.with_header("accept-ranges", "bytes").with_header("etag", &format!("\"{digest}\""));
    let reply = if is_part {
        reply.with_header("content-range", &format!("bytes {first}-{}/{}", last.saturating_sub(1), layer.size))
    } else {
        reply
    };
    let filled = fill(reply, store, layer, digest, (first, last));
    filled.map_err(|_| Problem::disk())
}

fn fill(reply: Reply, store: &BlobStore, layer: &Layer, digest: &str, (first, end): (u64, u64)) -> io::Result<Reply> {
    if let Some(bytes) = layer.bytes() {
        let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
        let part = bytes[at(first)..at(end)].to_vec();
        return Ok(Reply { body: part.into(), ..reply });
    }
    let file = FileSlice::new(store.open_layer(digest)?, first, end - first)?;
    Ok(Reply { file: Some(file), ..reply })
}

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// What it asks for is not understood: everything is answered.
    Whole,
    /// From one byte to before another.
    Part(u64, u64),
    /// What is not there.
    Nothing,
}

fn bounds(range: &str, size: u64) -> Asked {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Asked::Whole;
    };
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), _) if first >= size => Asked::Nothing,
        (Ok(first), Ok(last)) if last >= first => Asked::Part(first, last.saturating_add(1).min(size)),
        (Ok(first), Err(_)) if last.is_empty() => Asked::Part(first, size),
        (Err(_), Ok(0)) => Asked::Nothing,
        (Err(_), Ok(count)) if first.is_empty() => Asked::Part(size.saturating_sub(count), size),
        (_, _) => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_a_part_of_what_is_there() {
        for (range, expected) in [
            ("bytes=0-3", Asked::Part(0, 4)),
            ("bytes=4-", Asked::Part(4, 10)),
            ("bytes=-3", Asked::Part(7, 10)),
            ("bytes=-30", Asked::Part(0, 10)),
            ("bytes=5-500", Asked::Part(5, 10)),
            ("bytes=10-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=4-3", Asked::Whole),
            ("lines=1-2", Asked::Whole),
        ] {
            assert_eq!(bounds(range, 10), expected, "{range}");
        }
    }
}
