//! The fake refuses what a registry refuses, and is held to the port's conformance.

use crate::{
    fakes::{FakeImages, Mishap},
    identifier::{Digest, ImageReference, TaggedImage},
    ports::{Fault, ImageLayout, ImagePresence, Images as _, PublishError, Tagged, WhenTaken, conformance::images},
};

fn image() -> ImageReference {
    ImageReference::new("registry.example.com/shop".parse().unwrap(), Digest::of(b"image"))
}

#[tokio::test]
async fn images_are_there_once_pushed_and_gone_when_removed() {
    let images = FakeImages::new();
    assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Missing);
    assert!(images.children(&image()).await.unwrap_err().is_not_found());
    images.push_index(&image(), &[Digest::of(b"child")]);
    assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Present);
    assert_eq!(images.children(&image()).await.unwrap(), [Digest::of(b"child")]);
    images.set(&image(), ImagePresence::Missing);
    assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Missing);
}

#[tokio::test]
async fn tags_name_digests_and_shut_registries_tell_nothing() {
    let images = FakeImages::new();
    let tagged: TaggedImage = "registry.example.com/shop:v1".parse().unwrap();
    assert!(images.resolve(&tagged).await.unwrap_err().is_not_found());
    images.push(&image());
    assert_eq!(images.resolve(&tagged).await.unwrap(), None);
    images.set_tag(&image(), &tagged.tag);
    assert_eq!(images.resolve(&tagged).await.unwrap().as_ref(), Some(image().digest()));
    images.shut(&tagged.repository);
    assert_eq!(images.resolve(&tagged).await.unwrap_err().fault, Fault::Rejected);
    assert!(matches!(images.presence(&image()).await.unwrap(), ImagePresence::CannotTell(_)));
}

#[tokio::test]
async fn a_mishap_happens_once() {
    let images = FakeImages::new();
    images.push(&image());
    images.next(Mishap::NotCarriedOut(Fault::Throttled));
    assert_eq!(images.presence(&image()).await.unwrap_err().fault, Fault::Throttled);
    assert_eq!(images.presence(&image()).await.unwrap(), ImagePresence::Present);
}

fn repository(name: &str) -> crate::identifier::Repository {
    format!("registry.example.com/{name}").parse().unwrap()
}

#[tokio::test]
async fn it_conforms() {
    let fake = FakeImages::new();
    let other = ImageReference::new(image().repository().clone(), Digest::of(b"other"));
    fake.push_index(&image(), &[Digest::of(b"child")]);
    fake.push(&other);
    fake.create(&repository("copy"));
    let stage = images::Stage { image: image(), other, to: repository("copy"), nowhere: repository("nowhere") };
    assert_eq!(images::check(&fake, &stage).await, Ok(()));
}

#[tokio::test]
async fn an_immutable_tag_stays_even_where_it_may_move() {
    let fake = FakeImages::new();
    let other = ImageReference::new(image().repository().clone(), Digest::of(b"other"));
    fake.push(&image());
    fake.push(&other);
    fake.fix_tags(image().repository());
    let tag = "v1".parse().unwrap();
    assert_eq!(fake.tag(&image(), &tag, WhenTaken::Refuse).await, Ok(Tagged::Set));
    let error = fake.tag(&other, &tag, WhenTaken::Move).await.unwrap_err();
    assert!(matches!(error, PublishError::TagTaken { found, .. } if found == *image().digest()));
    assert_eq!(fake.tagged(image().repository(), &tag).as_ref(), Some(image().digest()));
}

#[tokio::test]
async fn what_was_laid_out_can_be_uploaded_and_nothing_else() {
    let fake = FakeImages::new();
    fake.create(image().repository());
    let layout = ImageLayout { folder: "/tmp/layout".into(), digest: image().digest().clone() };
    assert!(matches!(fake.upload(&layout, image().repository()).await, Err(PublishError::Layout { .. })));
    fake.lay_out(&layout, &[Digest::of(b"child")]);
    let published = fake.upload(&layout, image().repository()).await.unwrap();
    assert_eq!((published.image, published.manifests.sent), (image(), 2));
    assert_eq!(fake.children(&image()).await.unwrap(), [Digest::of(b"child")]);
}

#[tokio::test]
async fn a_copy_whose_answer_is_lost_was_made_and_a_refused_one_was_not() {
    let fake = FakeImages::new();
    let to = repository("copy");
    fake.push(&image());
    fake.create(&to);
    fake.refuse(PublishError::NoImage(image()));
    assert_eq!(fake.copy(&image(), &to).await, Err(PublishError::NoImage(image())));
    let copy = ImageReference::new(to.clone(), image().digest().clone());
    assert_eq!(fake.presence(&copy).await.unwrap(), ImagePresence::Missing);
    fake.next(Mishap::CarriedOut(Fault::Ambiguous));
    assert!(fake.copy(&image(), &to).await.unwrap_err().is_passing());
    assert_eq!(fake.presence(&copy).await.unwrap(), ImagePresence::Present);
}
