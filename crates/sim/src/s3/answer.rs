//! What every answer of S3 has, and how a refusal is written.
//!
//! An answer to HEAD has no body, whatever it says.

use hyper::Method;

use super::request::Request;
use crate::rest::{RestError, RestReply, Xml};

/// Adds what every answer has.
pub(crate) fn finish(reply: RestReply, number: u64) -> RestReply {
    reply
        .header("x-amz-request-id", request_id(number))
        .header("x-amz-id-2", host_id(number))
        .header("server", "AmazonS3")
}

fn request_id(number: u64) -> String {
    format!("{number:016X}")
}

fn host_id(number: u64) -> String {
    format!("towpath/{number:056x}")
}

/// A refusal as a document.
pub(crate) fn failure(error: &RestError, number: u64, has_body: bool) -> RestReply {
    let status = error.error.status;
    let document = Xml::document().element("Error", |xml| {
        let xml = xml.text("Code", &error.error.code).text("Message", &error.error.message);
        let xml = xml.each(&error.details, |xml, (name, value)| xml.text(name, value));
        xml.text("RequestId", request_id(number)).text("HostId", host_id(number))
    });
    let reply = if has_body { RestReply::xml(status, document.done()) } else { RestReply::empty(status) };
    error.headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value))
}

impl Request {
    /// The refusal of this request.
    pub(crate) fn failure(&self, error: &RestError, number: u64) -> RestReply {
        failure(error, number, self.method != Method::HEAD)
    }
}
