//! Stores in Java's own form, JKS.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::path::Path;
use std::process::Command;

use config::RawConfig;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sluice_tls::{Error, Material, Settings};

fn path(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores").join(name).display().to_string()
}

fn load(entries: &[(&str, &str)]) -> Result<Material, Error> {
    let (settings, problems) = Settings::of(entries.iter().copied().collect::<RawConfig>(), "");
    assert_eq!(problems, []);
    let material = settings.load()?;
    if settings.has_key_store() {
        sluice_tls::server(&settings, &material)?;
    }
    Ok(material)
}

fn key_store(file: &str, more: &[(&str, &str)]) -> Result<(String, String), Error> {
    let entries = [&[("ssl.keystore.location", file)], more].concat();
    let (chain, key) = load(&entries)?.identity_pem().unwrap();
    Ok((chain, key.expose().to_owned()))
}

fn trust_store(file: &str, more: &[(&str, &str)]) -> Result<String, Error> {
    let entries = [&[("ssl.truststore.location", file)], more].concat();
    Ok(load(&entries)?.trusted_pem().unwrap())
}

const PASSWORD: (&str, &str) = ("ssl.keystore.password", "changeit");
const TRUST_PASSWORD: (&str, &str) = ("ssl.truststore.password", "changeit");

#[test]
fn a_key_is_the_same_as_in_pkcs12_under_any_type_that_java_takes() {
    let same = key_store(&path("keytool-key.p12"), &[PASSWORD]).unwrap();
    for kind in ["JKS", "jks", "PKCS12", ""] {
        let (chain, key) = key_store(&path("java.jks"), &[PASSWORD, ("ssl.keystore.type", kind)]).unwrap();
        assert!(key == same.1, "{kind}");
        let own =
            |chain: &str| chain.split_inclusive("-----END CERTIFICATE-----\n").next().unwrap().to_owned();
        assert_eq!(own(&chain), own(&same.0), "{kind}");
    }
    // The key's password alone opens the key; the digest is not checked then, as in Java.
    key_store(&path("java.jks"), &[("ssl.key.password", "changeit")]).unwrap();
}

#[test]
fn a_key_may_have_another_password_than_its_store() {
    let file = path("java-other-key-password.jks");
    let with = |key_password: &str| key_store(&file, &[PASSWORD, ("ssl.key.password", key_password)]);
    assert!(with("key-changeit").unwrap().1 == key_store(&path("java.jks"), &[PASSWORD]).unwrap().1);
    for wrong in ["", "changeit", "key-changeit "] {
        let text = with(wrong).unwrap_err().to_string();
        assert!(text.contains("its private key cannot be decrypted") && text.contains(&file), "{text}");
    }
}

#[test]
fn a_trust_store_is_read_with_its_password_and_without() {
    let file = path("java-trust.jks");
    let authority = std::fs::read_to_string(path("ca.pem")).unwrap();
    for more in [&[][..], &[TRUST_PASSWORD], &[TRUST_PASSWORD, ("ssl.truststore.type", "JKS")]] {
        assert_eq!(trust_store(&file, more).unwrap(), authority, "{more:?}");
    }
}

#[test]
fn what_cannot_be_used_is_said() {
    let says = |result: Result<String, Error>, part: &str| {
        let text = result.map(|_| ()).unwrap_err().to_string();
        assert!(text.contains(part), "{part}: {text}");
    };
    let key = |more: &[(&str, &str)]| key_store(&path("java.jks"), more).map(|(chain, _)| chain);
    says(key(&[("ssl.keystore.password", "wrong")]), "its password is wrong, or the file is damaged");
    says(key(&[]), "neither ssl.keystore.password nor ssl.key.password is set");
    says(key(&[PASSWORD, ("ssl.keystore.type", "PEM")]), "it is not PEM but JKS: set the type JKS");
    says(key_store(&path("java-trust.jks"), &[PASSWORD]).map(|(chain, _)| chain), "no private key in it");
    let wrong = ("ssl.truststore.password", "wrong");
    says(trust_store(&path("java-trust.jks"), &[wrong]), "its password is wrong, or the file is damaged");
    says(trust_store(&path("java.jks"), &[TRUST_PASSWORD]), "no trusted certificate in it");
    says(trust_store(&path("ca.pem"), &[("ssl.truststore.type", "JKS")]), "set the type PEM");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("store.jceks").display().to_string();
    std::fs::write(&other, [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2]).unwrap();
    says(trust_store(&other, &[]), "keytool -importkeystore");
    says(trust_store("/dev/zero", &[]), "it is not a file");
}

#[test]
fn a_length_that_a_file_does_not_hold_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store").display().to_string();
    let header = [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2];
    let entry = |tag: u8| [&[0, 0, 0, tag, 0, 1, b'a'][..], &[0; 8]].concat();
    for (body, says) in [
        (vec![], "ends early"),
        (vec![0xff; 4], "ends early"), // entries
        (vec![0, 0, 0, 0], "no trusted certificate"),
        (vec![0, 0, 0, 0, 0], "goes on after its last entry"),
        ([vec![0, 0, 0, 1], entry(9)].concat(), "of the kind 9"),
        ([vec![0, 0, 0, 1], entry(2), vec![0xff, 0xff]].concat(), "ends early"), // the type of a certificate
        ([vec![0, 0, 0, 1], entry(2), vec![0, 3, b'P', b'G', b'P']].concat(), "of the type PGP"),
        ([vec![0, 0, 0, 1], entry(1), vec![0xff; 4]].concat(), "ends early"), // a key
        ([vec![0, 0, 0, 1], entry(1), vec![0; 4], vec![0xff; 4]].concat(), "ends early"), // a key's certificates
    ] {
        std::fs::write(&file, [&header[..], &body, &[0; 20]].concat()).unwrap();
        let text = trust_store(&file, &[]).unwrap_err().to_string();
        assert!(text.contains(says), "{says}: {text}");
    }
    for length in 0..28 {
        std::fs::write(&file, [&header[..], &[0; 24]].concat().split_at(length).0).unwrap();
        trust_store(&file, &[]).unwrap_err();
    }
    std::fs::write(&file, [&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 3][..], &[0; 24]].concat()).unwrap();
    assert!(trust_store(&file, &[]).unwrap_err().to_string().contains("version 3"));
}

// Without a password of the store the digest does not catch what was changed.
#[test]
fn damaged_stores_are_refused_without_a_panic() {
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store").display().to_string();
    let (mut refused, mut damaged) = (0, 0);
    for original in ["java.jks", "java-trust.jks"] {
        let whole = std::fs::read(path(original)).unwrap();
        for _ in 0..500 {
            let mut bytes = whole.clone();
            match random.random_range(0..4) {
                0 => bytes.truncate(random.random_range(0..whole.len())),
                1 => bytes.insert(random.random_range(0..whole.len()), random.random()),
                2 => bytes[random.random_range(0..whole.len())] ^= 1 << random.random_range(0..8),
                _ => {
                    let at = random.random_range(0..whole.len() - 4);
                    bytes[at..at + 4].copy_from_slice(&random.random::<[u8; 4]>());
                }
            }
            std::fs::write(&file, &bytes).unwrap();
            let _ = trust_store(&file, &[]); // some changes do no harm
            let _ = key_store(&file, &[("ssl.key.password", "changeit")]);
            damaged += 1;
            // With the password the digest shows all that changed something.
            if bytes != whole {
                let with = [key_store(&file, &[PASSWORD]).err(), trust_store(&file, &[TRUST_PASSWORD]).err()];
                assert!(with.iter().all(Option::is_some), "seed {seed}");
                refused += 1;
            }
        }
    }
    assert!(refused > damaged / 2, "{refused} of {damaged}");
}

/// `keytool` with these arguments and the password `changeit`.
fn keytool(folder: &Path, arguments: &str) {
    let output = Command::new("keytool")
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .args(["-storepass", "changeit", "-noprompt"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{arguments}: {text} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn keytool_writes_stores_that_are_read() {
    if Command::new("keytool").arg("-help").output().is_err() {
        return testkit::skip(
            "keytool_writes_stores_that_are_read",
            "there is no keytool (it comes with Java)",
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    for (name, algorithm) in [("rsa", "RSA -keysize 2048"), ("ec", "EC -groupname secp256r1")] {
        keytool(
            folder.path(),
            &format!(
                "-genkeypair -alias Key -keyalg {algorithm} -dname CN=sluice -validity 9 -keystore {name}.jks -storetype \
                 JKS -keypass another"
            ),
        );
        keytool(folder.path(), &format!("-exportcert -rfc -alias key -file {name}.pem -keystore {name}.jks"));
        let certificate = std::fs::read_to_string(at(&format!("{name}.pem"))).unwrap().replace('\r', "");
        let more = [PASSWORD, ("ssl.keystore.type", "JKS"), ("ssl.key.password", "another")];
        let (chain, _) = key_store(&at(&format!("{name}.jks")), &more).unwrap();
        assert_eq!(chain, certificate, "{name}");
        for (trusted, kind) in [("trust.jks", "JKS"), ("trust.p12", "PKCS12")] {
            let import = "-importcert -file";
            keytool(
                folder.path(),
                &format!("{import} {name}.pem -alias {name} -keystore {trusted} -storetype {kind}"),
            );
        }
    }
    for trusted in ["trust.jks", "trust.p12"] {
        let text = trust_store(&at(trusted), &[TRUST_PASSWORD]).unwrap();
        for name in ["rsa.pem", "ec.pem"] {
            let certificate = std::fs::read_to_string(at(name)).unwrap().replace('\r', "");
            assert!(text.contains(&certificate), "{trusted} without {name}: {text}");
        }
    }
}
