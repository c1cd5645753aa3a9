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

#[cfg(test)]
mod tests {
    use rustls::crypto::ring::sign::any_supported_type;

    use super::*;

    /// The key as Java has it: version and key, nothing more.
    fn without_public_key(pkcs8: &[u8]) -> PrivateKeyDer<'static> {
        let info = PrivateKeyInfoRef::try_from(pkcs8).unwrap();
        let inner: AnyRef<'_> =
            SliceReader::new(info.private_key.as_bytes()).and_then(|mut reader| reader.decode()).unwrap();
        let mut fields = SliceReader::new(inner.value()).unwrap();
        let (version, key): (AnyRef<'_>, AnyRef<'_>) = (fields.decode().unwrap(), fields.decode().unwrap());
        let inner = [version.to_der().unwrap(), key.to_der().unwrap()].concat();
        let inner = AnyRef::new(Tag::Sequence, &inner).unwrap().to_der().unwrap();
        let info = PrivateKeyInfoRef::new(info.algorithm, OctetStringRef::new(&inner).unwrap());
        PrivatePkcs8KeyDer::from(info.to_der().unwrap()).into()
    }

    #[test]
    fn what_java_leaves_out_comes_from_the_certificate() {
        let pair = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        let whole = pair.signing_key.serialize_der();
        let java = without_public_key(&whole);
        assert!(any_supported_type(&java).is_err(), "or none of this is needed any more");
        let completed = with_public_key(java.clone_key(), Some(pair.cert.der()));
        any_supported_type(&completed).unwrap();
        // Another's certificate does not make it usable.
        let other = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        assert!(any_supported_type(&with_public_key(java.clone_key(), Some(other.cert.der()))).is_err());
        // What is whole, or nothing, stays as it is.
        let whole = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(whole));
        let nothing = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(vec![0x30, 0x7f]));
        for key in [whole, nothing] {
            assert!(with_public_key(key.clone_key(), Some(pair.cert.der())) == key);
        }
        assert!(with_public_key(java.clone_key(), None) == java);
    }
}
