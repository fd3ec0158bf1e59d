//! `rollcall bench index`, small.

use serde_json::Value;

use crate::{check_failure, check_success, rollcall};

/// What it prints, with a folder that it can use.
async fn measured(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().to_str().unwrap();
    let small = ["--queries", "40", "--seconds", "0.02", "--folder", folder];
    let output = rollcall(&[&["bench", "index"], arguments, &small[..]].concat(), &[], "").await;
    check_success(&output, "{");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

#[tokio::test]
async fn an_index_is_built_written_loaded_and_searched() {
    for (factory, least_recall) in [("Flat", 1.0), ("IVF16,Flat", 0.95)] {
        let arguments =
            ["--only", "global", "--templates", "2000", "--dimension", "32", "--factory", factory, "--peer", "HNSW8"];
        let report = measured(&arguments).await;
        assert_eq!(report["global"]["factory"], factory);
        assert_eq!(report["global"]["lists_searched"].is_null(), factory == "Flat");
        for (pointer, least, most) in [
            ("/global/loaded/genuine/at_1/share", least_recall, 1.0),
            ("/global/loaded/strangers/at_1/share", least_recall, 1.0),
            ("/global/loaded/genuine/at_1/of", 40.0, 40.0),
            ("/global/loaded/decisions/0/differently/share", 0.0, 1.0 - least_recall),
            ("/global/loaded/searches/0/p50_ms", 1e-6, 1e3),
            // 2,000 times 32 floats and two ids, and what seals them.
            ("/global/snapshot_mib", 0.29, 0.5),
            ("/global/build/peak_written_mib", 1.0, 1e4),
            ("/data/genuine_mean", 0.66, 0.74),
            ("/data/impostor_standard_deviation", 0.1, 0.25),
            ("/peers/0/searches/0/genuine_at_1/share", 0.5, 1.0),
        ] {
            let value = number(&report, pointer);
            assert!((least..=most).contains(&value), "{factory} {pointer}: {value}");
        }
    }
}

#[tokio::test]
async fn rosters_limits_and_rebuilds_are_measured() {
    let report = measured(&["--only", "roster", "--dimension", "16"]).await;
    let rosters = report["roster"].as_array().unwrap();
    let templates: Vec<_> = rosters.iter().map(|roster| roster["templates"].as_u64()).collect();
    assert_eq!(templates, [Some(300), Some(2500)]);
    assert!(rosters.iter().all(|roster| number(roster, "/ours/p50_ms") > 0.0));

    let report = measured(&["--only", "limits", "--templates", "2500", "--dimension", "16"]).await;
    let kinds: Vec<_> = report["limits"]["by_size"].as_array().unwrap().iter().map(|t| t["factory"].as_str()).collect();
    assert_eq!(kinds, [Some("Flat"), Some("IVF256,Flat")]);
    assert_eq!(number(&report, "/limits/by_size/0/recall_genuine"), 1.0);

    let report = measured(&["--only", "rebuild", "--templates", "2500", "--dimension", "16"]).await;
    let beside = report["rebuild"]["searches"].as_array().unwrap();
    let built: Vec<_> = beside.iter().map(|searches| searches["build_s"].is_number()).collect();
    assert_eq!(built, [false, true, true, true, true]);
}

#[tokio::test]
async fn what_cannot_be_measured_is_said() {
    for (arguments, words) in [
        (&["--peer", "Nonsense8"][..], "could not parse index string Nonsense8"),
        (&["--peer", "HNSW8:efSearch"], "--peer"),
        (&[], "needs a --peer"),
        (&["--folder", "/proc/nowhere"], "cannot make /proc/nowhere"),
    ] {
        let common = ["bench", "index", "--only", "peers", "--templates", "1", "--dimension", "8", "--queries", "1"];
        check_failure(&rollcall(&[&common[..], &["--seconds", "0"], arguments].concat(), &[], "").await, words);
    }
}
