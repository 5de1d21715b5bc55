//! The port: accepting connections, and sending each request to those who answer it.
//!
//! HTTP/1.1 only.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::{
    Request, Response, StatusCode, body::Incoming, http::request::Parts, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::{
    answer,
    reply::{Body, Dropped, Reply},
};
use crate::{api::http_date, control, distribution, ecs::Listener, rest, serve as service, simulator::Shared};

/// The largest request: a part of a layer as large as ECR recommends them, in base64, and room for more.
const LARGEST_BODY: usize = 32 * 1024 * 1024;
/// How long to wait when no connection can be accepted, for example because there are too many.
const PAUSE: Duration = Duration::from_millis(10);

/// Serves on `listener` until the future is dropped, and every connection with it; `front` is the distribution that
/// alone is served there.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>, front: Option<Arc<str>>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => { connections.spawn(serve_connection(stream, Arc::clone(&shared), front.clone())); }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => (),
        }
    }
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>, front: Option<Arc<str>>) {
    // Small answers are not to wait for more to come.
    let _immediate = stream.set_nodelay(true);
    let service = service_fn(move |request| handle(Arc::clone(&shared), front.clone(), request));
    // An error here is a client that went away, or an answer that was dropped on purpose.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn handle(
    shared: Arc<Shared>,
    front: Option<Arc<str>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    if let Some(route) = rest::route(&shared, &parts, front.as_deref()) {
        return rest::answer(&shared, route, &parts, body).await;
    }
    if distribution::is_for(parts.uri.path()) {
        let reply = distribution::answer(&shared, &parts, body).await?;
        let date = http_date(shared.world().clock.now());
        return Ok(reply.with_header("date", &date).into_response());
    }
    let Ok(body) = Limited::new(body, LARGEST_BODY).collect().await else {
        return Ok(Reply::text(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large or broke off").into_response());
    };
    dispatch(&shared, &parts, body.to_bytes()).await
}

async fn dispatch(shared: &Shared, parts: &Parts, body: Bytes) -> Result<Response<Body>, Dropped> {
    let path = parts.uri.path();
    let dated = |reply: Reply| {
        let date = http_date(shared.world().clock.now());
        Ok(reply.with_header("date", &date).into_response())
    };
    if let Some(path) = path.strip_prefix("/_sim/") {
        return dated(control::answer(shared, &parts.method, path, &body));
    }
    if let Some(path) = path.strip_prefix("/_serve/") {
        return dated(service::answer(shared, path, Listener::Production).await);
    }
    if let Some(path) = path.strip_prefix("/_serve-test/") {
        return dated(service::answer(shared, path, Listener::Test).await);
    }
    dated(answer::answer(shared, parts, &body).await?)
}
