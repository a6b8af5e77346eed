//! Certificates of a plant that lives as long as a test.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};

/// Who signs.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
    pem: String,
}

/// A certificate with its key.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    pems: [String; 2],
}

/// What a leaf has in it.
#[derive(Default)]
pub(crate) struct Leaf<'a> {
    pub(crate) uris: &'a [&'a str],
    pub(crate) names: &'a [&'a str],
    pub(crate) has_expired: bool,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let (der, pem) = (certificate.der().clone(), certificate.pem());
        Self { issuer: Issuer::new(params, key), der, pem }
    }

    pub(crate) fn issue(&self, leaf: &Leaf<'_>) -> Identity {
        let mut params = CertificateParams::default();
        let uri = |text: &&str| SanType::URI((*text).try_into().unwrap());
        let name = |text: &&str| SanType::DnsName((*text).try_into().unwrap());
        params.subject_alt_names.extend(leaf.uris.iter().map(uri));
        params.subject_alt_names.extend(leaf.names.iter().map(name));
        if leaf.has_expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let pems = [certificate.pem(), key.serialize_pem()];
        Identity { chain: vec![certificate.der().clone()], key: key.serialize_der(), pems }
    }

    /// A client that trusts this authority, and shows a certificate or none. It keeps its sessions.
    pub(crate) fn client(&self, identity: Option<&Identity>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match identity {
            Some(Identity { chain, key, .. }) => {
                let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.clone()));
                client.with_client_auth_cert(chain.clone(), key).unwrap()
            }
            None => client.with_no_client_auth(),
        })
    }

    /// Writes what the example configurations name: the authority, and a server of that name.
    pub(crate) fn write_server(&self, folder: &Path) {
        let server = self.issue(&Leaf { names: &["localhost"], ..Leaf::default() });
        fs::write(folder.join("ca.pem"), &self.pem).unwrap();
        server.write(folder, "server");
    }
}

impl Identity {
    pub(crate) fn write(&self, folder: &Path, name: &str) {
        let [certificate, key] = &self.pems;
        fs::write(folder.join(format!("{name}.pem")), certificate).unwrap();
        fs::write(folder.join(format!("{name}.key")), key).unwrap();
    }
}
