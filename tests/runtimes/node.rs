//! The frames in V8: one process of Node for a module, which reads and writes files.

use std::fs;
use std::io::ErrorKind;
use std::process::Command;

use serde_json::json;
use trapkey_testkit::repository_dir;

use crate::guest::Responses;
use crate::work::Work;

/// Whether there is a `node` on the path.
pub(crate) fn is_installed() -> bool {
    match Command::new("node").arg("--version").output() {
        Ok(output) => {
            assert!(output.status.success(), "{output:?}");
            true
        }
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => panic!("cannot run `node`: {error}"),
    }
}

pub(crate) fn respond(work: &Work) -> Responses {
    let folder = tempfile::tempdir().unwrap();
    let map = &work.map;
    let batches = work.batches.iter().map(|batch| {
        json!({ "first": batch.frames.start, "count": batch.frames.len(), "stride": batch.stride })
    });
    let plan = json!({
        "framesOffset": map.frames_offset,
        "responsesOffset": map.responses_offset,
        "responseBytesMax": map.response_bytes_max,
        "frames": work.frames.iter().map(Vec::len).collect::<Vec<_>>(),
        "batches": batches.collect::<Vec<_>>(),
    });
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("module.wasm", &work.module);
    write("frames.bin", &work.frames.concat());
    write("plan.json", plan.to_string().as_bytes());
    let script = repository_dir().join("tests/runtimes/decide.mjs");
    let output = Command::new("node").arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = fs::read(folder.path().join("responses.bin")).unwrap();
    let mut rest = bytes.as_slice();
    let mut next = || -> Vec<Vec<u8>> {
        let responses = work.frames.iter().map(|_| {
            let (len, after) = rest.split_first_chunk().unwrap();
            let (response, after) = after.split_at(u32::from_le_bytes(*len) as usize);
            rest = after;
            response.to_vec()
        });
        responses.collect()
    };
    let responses = Responses { reused: next(), fresh: next(), batched: next() };
    assert!(rest.is_empty());
    responses
}
