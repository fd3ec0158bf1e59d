//! temporary speed probe
use std::path::Path;
use std::time::Instant;
use vision::{Pipeline, StageTimes, VisionSettings, decode};
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    let mut t = s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6;
    t = 0.0 * t;
    for e in std::fs::read_dir("/proc/self/task").unwrap() {
        let s = std::fs::read_to_string(e.unwrap().path().join("schedstat")).unwrap();
        t += s.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6;
    }
    t
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let threads: usize = args[1].parse().unwrap();
    let n: usize = args[2].parse().unwrap();
    let settings = VisionSettings {
        weights: Path::new("/tmp/v2exp/weights").into(),
        encoder: args[3].clone(),
        device: "cpu".into(),
        threads,
        min_face_px: 40.0,
        thresholds: [0.6, 0.7, 0.7],
        factor: 0.709,
        max_dimension: 1280,
        clahe: false,
    };
    let t = Instant::now();
    let p = Pipeline::load(&settings).unwrap();
    let l = t.elapsed();
    p.warm_up().unwrap();
    println!("load {l:?} warm {:?}", t.elapsed());
    let bytes = std::fs::read("/tmp/v2exp/frame.jpg").unwrap();
    let mut all: Vec<(f64, f64, StageTimes)> = vec![];
    for _ in 0..n {
        let t = Instant::now();
        let pic = decode(&bytes, 1280).unwrap();
        let d = t.elapsed().as_secs_f64() * 1e3;
        let c = cpu();
        let a = p.analyse(&[pic]).unwrap();
        let c = cpu() - c;
        assert_eq!(a.pictures[0].len(), 5);
        all.push((d, c, a.stages));
    }
    let stat = |f: &dyn Fn(&(f64, f64, StageTimes)) -> f64| {
        let mut v: Vec<f64> = all.iter().map(f).collect();
        v.sort_by(f64::total_cmp);
        format!("min {:.2} med {:.2}", v[0], v[v.len() / 2])
    };
    println!("decode {}", stat(&|a| a.0));
    println!("cpu {}", stat(&|a| a.1));
    println!("pyramid {}", stat(&|a| a.2.pyramid_ms.into()));
    println!("pnet {}", stat(&|a| a.2.pnet_ms.into()));
    println!("crops {}", stat(&|a| a.2.crops_ms.into()));
    println!("rnet {}", stat(&|a| a.2.rnet_ms.into()));
    println!("onet {}", stat(&|a| a.2.onet_ms.into()));
    println!("detect {}", stat(&|a| a.2.detect_ms().into()));
    println!("align {}", stat(&|a| a.2.align_ms.into()));
    println!("encode {}", stat(&|a| a.2.encode_ms.into()));
}
