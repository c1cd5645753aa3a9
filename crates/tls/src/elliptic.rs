//! Private keys on elliptic curves as Java writes them: without the public key, which RFC 5915 lets one leave out and ring
//! wants to have. It stands in the certificate.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::{BitStringRef, ContextSpecific, OctetStringRef};
use pkcs8::der::{AnyRef, Encode, Reader as _, SliceReader, Tag, TagMode, TagNumber, Tagged};
use pkcs8::spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PUBLIC_KEY: TagNumber = TagNumber(1);

/// The key with its certificate's public key, if it is one in PKCS#8 on an elliptic curve that has none; else as it is.
pub(crate) fn with_public_key(
    key: PrivateKeyDer<'static>,
    certificate: Option<&CertificateDer<'_>>,
) -> PrivateKeyDer<'static> {
    let PrivateKeyDer::Pkcs8(pkcs8) = &key else { return key };
    match certificate.and_then(|certificate| completed(pkcs8.secret_pkcs8_der(), certificate)) {
        Some(completed) => PrivatePkcs8KeyDer::from(completed).into(),
        None => key,
    }
}

/// `None`: nothing is missing, or what there is cannot be read, which rustls will say better.
fn completed(pkcs8: &[u8], certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).ok().filter(|info| info.algorithm.oid == ELLIPTIC)?;
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let public = SubjectPublicKeyInfoRef::try_from(certificate.public_key().raw).ok()?;
    let inner = inner_with(info.private_key.as_bytes(), public.subject_public_key).ok().flatten()?;
    PrivateKeyInfoRef::new(info.algorithm, OctetStringRef::new(&inner).ok()?).to_der().ok()
}

/// An `ECPrivateKey`: version, key, parameters `[0]`, public key `[1]`. `None` when the last is there.
fn inner_with(inner: &[u8], public: BitStringRef<'_>) -> pkcs8::der::Result<Option<Vec<u8>>> {
    let mut reader = SliceReader::new(inner)?;
    let there: AnyRef<'_> = reader.decode()?;
    reader.finish()?;
    let mut fields = SliceReader::new(there.value())?;
    while !fields.is_finished() {
        let field: AnyRef<'_> = fields.decode()?;
        if matches!(field.tag(), Tag::ContextSpecific { number: PUBLIC_KEY, .. }) {
            return Ok(None);
        }
    }
    let public = ContextSpecific { tag_number: PUBLIC_KEY, tag_mode: TagMode::Explicit, value: public };
    let fields = [there.value(), &public.to_der()?].concat();
    AnyRef::new(Tag::Sequence, &fields)?.to_der().map(Some)
}
