//! temporary probe
use std::path::Path;
use vision::{Pipeline, VisionSettings, decode};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let weights = Path::new("/tmp/v2exp/weights");
    let golden: serde_json::Value =
        serde_json::from_slice(&std::fs::read("/work/main/crates/vision/tests/golden/detection.json").unwrap())
            .unwrap();
    let threads: usize = args.get(1).map_or(2, |t| t.parse().unwrap());
    for run in golden.as_array().unwrap() {
        let settings = VisionSettings {
            weights: weights.into(),
            encoder: "mobilefacenet".into(),
            device: "cpu".into(),
            threads,
            min_face_px: run["min_face_px"].as_f64().unwrap() as f32,
            thresholds: [0.6, 0.7, 0.7],
            factor: 0.709,
            max_dimension: 8192,
            clahe: false,
        };
        let p = Pipeline::load(&settings).unwrap();
        let (mut wb, mut wl, mut ws, mut bad) = (0f64, 0f64, 0f64, 0);
        for pic in run["pictures"].as_array().unwrap() {
            let file = pic["file"].as_str().unwrap();
            let picture = decode(&std::fs::read(weights.join("cache/pictures").join(file)).unwrap(), 8192).unwrap();
            let faces = p.detect(&[picture]).unwrap().remove(0);
            let g = pic["faces"].as_array().unwrap();
            if faces.len() != g.len() {
                bad += 1;
                println!("{file}: {} faces, golden {}", faces.len(), g.len());
            }
            for gf in g {
                let b: Vec<f64> = gf["box"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
                let best = faces
                    .iter()
                    .map(|f| {
                        let m = [f.face_box.x_min, f.face_box.y_min, f.face_box.x_max, f.face_box.y_max]
                            .iter()
                            .zip(&b)
                            .map(|(a, b)| (f64::from(*a) - b).abs())
                            .fold(0., f64::max);
                        let l = f
                            .landmarks
                            .iter()
                            .zip(gf["landmarks"].as_array().unwrap())
                            .map(|(p, q)| {
                                (f64::from(p.x) - q[0].as_f64().unwrap()).hypot(f64::from(p.y) - q[1].as_f64().unwrap())
                            })
                            .fold(0., f64::max);
                        (m, l, (f64::from(f.detection_score) - gf["score"].as_f64().unwrap()).abs())
                    })
                    .min_by(|a, b| a.0.total_cmp(&b.0));
                let Some((m, l, s)) = best else { continue };
                if m > 1.5 || l > 2. {
                    println!("{file} box {m:.2} lm {l:.2} score {s:.4} golden {}", gf["score"]);
                    bad += 1;
                } else {
                    wb = wb.max(m);
                    wl = wl.max(l);
                    ws = ws.max(s);
                }
            }
        }
        println!("min_face {} bad {bad} worst box {wb:.3} landmarks {wl:.3} score {ws:.4}", run["min_face_px"]);
    }
}
