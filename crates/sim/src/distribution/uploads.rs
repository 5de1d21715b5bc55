//! Uploading a layer: in one piece or in many, mounted from another repository, looked at and given up.
//!
//! An upload does not outlive the simulator.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt as _;
use hyper::{StatusCode, body::Incoming};

use super::{
    problem::Problem,
    visit::{Answered, Visit},
};
use crate::{
    content::{Upload, UploadError},
    ecr::{Site, is_digest},
    simulator::Shared,
    wire::reply::Reply,
};

pub(super) async fn begin(shared: &Shared, visit: &Visit<'_>, body: Incoming) -> Answered {
    if let Some(mounted) = mount(shared, visit) {
        return mounted;
    }
    let (site, owner) = site_and_owner(shared, visit);
    let id = site.store.begin(&owner).map_err(|_| Problem::disk())?;
    if visit.query("digest").is_some() {
        return finish(shared, visit, &id, body).await;
    }
    Ok(progress(visit, StatusCode::ACCEPTED, &id, 0))
}

/// Mounts a layer of another repository of the registry, where the registry does that and the layer is there.
///
/// Without the account setting `BLOB_MOUNTING` ECR begins an upload instead.
fn mount(shared: &Shared, visit: &Visit<'_>) -> Option<Answered> {
    let (digest, from) = (visit.query("mount")?, visit.query("from")?);
    let mut world = shared.world();
    let registry = world.estate.registry(&visit.address.place);
    let from = super::address::Address::in_name(&from).map_or(from, |address| address.repository);
    registry.mount(&visit.address.repository, &digest, &from).then(|| Ok(created(visit, &digest)))
}

pub(super) async fn patch(shared: &Shared, visit: &Visit<'_>, id: &str, body: Incoming) -> Answered {
    let upload = find(shared, visit, id)?;
    let size = receive(visit, &upload, body).await?;
    let knobs = shared.world().estate.registry_knobs.clone();
    let status = if knobs.chunk_is_accepted { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let shown = if knobs.range_advances { size } else { lock(&upload).first_chunk() };
    Ok(progress(visit, status, id, shown))
}

/// Takes in half of what is announced, and no more: the line broke.
pub(super) async fn receive_half(shared: &Shared, visit: &Visit<'_>, id: &str, mut body: Incoming) {
    let Ok(upload) = find(shared, visit, id) else { return };
    let announced = visit.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0_usize);
    let mut left = announced / 2;
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(bytes) = frame.into_data() else { continue };
        let part = &bytes[..bytes.len().min(left)];
        left -= part.len();
        if lock(&upload).append(part).is_err() || left == 0 {
            return;
        }
    }
}

pub(super) async fn finish(shared: &Shared, visit: &Visit<'_>, id: &str, body: Incoming) -> Answered {
    let unknown = || Problem::new(400, "DIGEST_INVALID", "A digest such as 'sha256:…' is needed to end an upload");
    let digest = visit.query("digest").filter(|digest| is_digest(digest)).ok_or_else(unknown)?;
    let upload = find(shared, visit, id)?;
    let received = receive(visit, &upload, body).await?;
    if received == 0 && shared.world().estate.registry_knobs.refuse_empty_layers {
        return Err(Problem::new(400, "SIZE_INVALID", "The upload does not contain any bytes"));
    }
    let (site, _) = site_and_owner(shared, visit);
    let length = site.store.finish(id, &digest).map_err(|error| refused(&digest, error))?;
    let layer = site.layer(&digest, length).map_err(|_| Problem::disk())?;
    let mut world = shared.world();
    world.estate.registry(&visit.address.place).add_layer(&visit.address.repository, &digest, layer)?;
    Ok(created(visit, &digest))
}

pub(super) fn status(shared: &Shared, visit: &Visit<'_>, id: &str) -> Answered {
    let upload = find(shared, visit, id)?;
    let size = lock(&upload).size();
    Ok(progress(visit, StatusCode::NO_CONTENT, id, size))
}

pub(super) fn cancel(shared: &Shared, visit: &Visit<'_>, id: &str) -> Answered {
    find(shared, visit, id)?;
    site_and_owner(shared, visit).0.store.cancel(id);
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// Takes in what is sent, piece by piece, and answers how much there is then.
async fn receive(visit: &Visit<'_>, upload: &Arc<Mutex<Upload>>, body: Incoming) -> Result<u64, Problem> {
    if !lock(upload).begin_turn() {
        return Err(out_of_order(visit, lock(upload).size(), "somebody else sends just now"));
    }
    let received = receive_in_turn(visit, upload, body).await;
    lock(upload).end_turn();
    received
}

async fn receive_in_turn(visit: &Visit<'_>, upload: &Arc<Mutex<Upload>>, mut body: Incoming) -> Result<u64, Problem> {
    let size = lock(upload).size();
    let announced = visit.header("content-range").map(|range| read_range(visit, size, range)).transpose()?;
    while let Some(frame) = body.frame().await {
        let broken = |_| Problem::new(400, "BLOB_UPLOAD_INVALID", "The request broke off");
        if let Ok(bytes) = frame.map_err(broken)?.into_data() {
            lock(upload).append(&bytes).map_err(|_| Problem::disk())?;
        }
    }
    let now = lock(upload).size();
    match announced {
        Some(length) if now - size != length => Err(Problem::new(
            400,
            "SIZE_INVALID",
            format!("Content-Range announced {length} bytes, {} came", now - size),
        )),
        Some(_) | None => {
            lock(upload).end_chunk();
            Ok(now)
        }
    }
}

/// How many bytes a `Content-Range` announces, which has to begin where the upload stands.
fn read_range(visit: &Visit<'_>, size: u64, range: &str) -> Result<u64, Problem> {
    let range = range.trim_start_matches("bytes ").split('/').next().unwrap_or_default();
    let number = |text: &str| text.parse::<u64>().ok();
    let read = range.split_once('-').and_then(|(first, last)| Some((number(first)?, number(last)?)));
    match read {
        Some((first, last)) if first == size && last >= first => Ok(last - first + 1),
        Some(_) => Err(out_of_order(visit, size, "the chunk does not begin where the upload stands")),
        None => Err(out_of_order(visit, size, "the Content-Range is not written FIRST-LAST")),
    }
}

fn out_of_order(visit: &Visit<'_>, size: u64, why: &str) -> Problem {
    let path = visit.parts.uri.path().trim_start_matches("/v2/").to_owned();
    let problem = Problem::new(416, "BLOB_UPLOAD_INVALID", format!("The upload stands at {size} bytes, and {why}"));
    problem.with_header("range", range(size)).with_header("location", format!("/v2/{path}"))
}

fn refused(digest: &str, error: UploadError) -> Problem {
    match error {
        UploadError::Digest { found } => Problem::new(
            400,
            "BLOB_UPLOAD_INVALID",
            format!(
                "None of the provided layer digests match the calculated layer digest: '{digest}' is not '{found}'"
            ),
        ),
        UploadError::Gone | UploadError::Io(_) => Problem::disk(),
    }
}

fn find(shared: &Shared, visit: &Visit<'_>, id: &str) -> Result<Arc<Mutex<Upload>>, Problem> {
    let (site, owner) = site_and_owner(shared, visit);
    let unknown = || Problem::new(404, "BLOB_UPLOAD_UNKNOWN", format!("The upload with id '{id}' could not be found"));
    site.store.upload(id, &owner).ok_or_else(unknown)
}

fn site_and_owner(shared: &Shared, visit: &Visit<'_>) -> (Site, String) {
    let mut world = shared.world();
    let owner = world.estate.registry(&visit.address.place).upload_owner(&visit.address.repository);
    (world.site.clone(), owner)
}

fn progress(visit: &Visit<'_>, status: StatusCode, id: &str, size: u64) -> Reply {
    let location = visit.location(&format!("blobs/uploads/{id}"));
    let reply = Reply::empty(status).with_header("location", &location).with_header("range", &range(size));
    reply.with_header("docker-upload-uuid", id)
}

/// What has come in, as the specification writes it: the place of the last byte, and 0 for none.
fn range(size: u64) -> String {
    format!("0-{}", size.saturating_sub(1))
}

fn created(visit: &Visit<'_>, digest: &str) -> Reply {
    let location = visit.location(&format!("blobs/{digest}"));
    Reply::empty(StatusCode::CREATED).with_header("location", &location).with_header("docker-content-digest", digest)
}

fn lock(upload: &Mutex<Upload>) -> MutexGuard<'_, Upload> {
    upload.lock().unwrap_or_else(PoisonError::into_inner)
}
