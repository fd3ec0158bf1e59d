//! Proof that the exported models are what they should be.

use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::error::VisionError;
use crate::manifest::{Manifest, Model, Origin, Role};
use crate::torch::{Net, Output, Pixels, Place};

/// A model that gave what it should.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The model's id.
    pub model: String,
    /// How far it is from its reference; `None` for an operator's own encoder, which has none and was only run.
    pub deviation: Option<Deviation>,
}

/// How far a model is from its reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// Largest difference of any number.
    pub largest: f32,
    /// Largest difference that is allowed.
    pub allowed: f32,
}

/// What an independent implementation makes of a synthetic input; `weights/make_references.py` writes these.
#[derive(Debug, Deserialize)]
struct Reference {
    input: Input,
    tolerance: f32,
    outputs: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Input {
    shape: [usize; 4],
}

#[derive(Debug, Deserialize)]
struct Expected {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// Runs every model of the manifest in the folder `weights` on its synthetic input, on the CPU, and compares with its
/// reference; where the manifest pins a file's hash, compares that first. Models of the operator's that are absent are
/// left out, and encoders without a reference only run.
///
/// # Errors
/// [`VisionError::Missing`] or [`VisionError::Weights`] names the first file that is absent or not as it should be.
pub fn verify(weights: &Path) -> Result<Vec<Verified>, VisionError> {
    let manifest = Manifest::read(weights)?;
    let is_there = |model: &&Model| model.origin == Origin::Package || weights.join(&model.file).exists();
    manifest.models.iter().filter(is_there).map(|model| verify_model(weights, model)).collect()
}

fn verify_model(weights: &Path, model: &Model) -> Result<Verified, VisionError> {
    let path = weights.join(&model.file);
    let wrong = |problem: String| VisionError::Weights { path: path.clone(), problem };
    let archive = read(&path)?;
    if let Some(expected) = &model.sha256 {
        let found = hex::encode(Sha256::digest(&archive));
        if found != *expected {
            return Err(wrong(format!("its SHA-256 is {found}, not {expected}; delete it and run scripts/setup")));
        }
    }
    drop(archive);
    let reference = model.reference.as_ref().map(|reference| read_reference(&weights.join(reference))).transpose()?;
    let net = Net::load(model, &path, Place::parse("cpu")?)?;
    let deviation = match reference {
        Some(Reference { input, tolerance, outputs: expected }) => {
            let outputs = run_on_synthetic(&net, input.shape)?;
            let largest = deviation(&outputs, &expected).map_err(wrong)?;
            if largest > tolerance {
                return Err(wrong(format!("it gives numbers {largest} off its reference, more than {tolerance}")));
            }
            Some(Deviation { largest, allowed: tolerance })
        }
        None => {
            run_once(&net, model)?.map_err(wrong)?;
            None
        }
    };
    Ok(Verified { model: model.id.clone(), deviation })
}

fn run_on_synthetic(net: &Net, shape: [usize; 4]) -> Result<Vec<Output>, VisionError> {
    let [count, height, width, _] = shape;
    net.run(Pixels::Bytes(&synthetic(shape)), [count, height, width])
}

/// Whether an encoder that has no reference at least gives embeddings; the inner error says what else it does.
fn run_once(net: &Net, model: &Model) -> Result<Result<(), String>, VisionError> {
    let (Role::Encoder(encoder), [height, width, 3]) = (&model.role, model.input_shape) else {
        return Ok(Err("the manifest names no reference for it".to_owned()));
    };
    let count = 2;
    let outputs = run_on_synthetic(net, [count, height.max(1) as usize, width.max(1) as usize, 3])?;
    let are_embeddings = |output: &Output| {
        output.shape == [count, encoder.dimension] && output.values.iter().all(|value| value.is_finite())
    };
    Ok(match outputs.as_slice() {
        [output] if are_embeddings(output) => Ok(()),
        _ => Err(format!("it does not give {} finite numbers for each picture", encoder.dimension)),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, VisionError> {
    std::fs::read(path).map_err(|source| VisionError::Missing { path: path.to_owned(), source })
}

fn read_reference(path: &Path) -> Result<Reference, VisionError> {
    let problem = |error: serde_json::Error| VisionError::Weights { path: path.to_owned(), problem: error.to_string() };
    serde_json::from_slice(&read(path)?).map_err(problem)
}

/// The pictures that `weights/synthetic.py` describes, in whole numbers.
fn synthetic([count, height, width, channels]: [usize; 4]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(count * height * width * channels);
    for n in 0..count {
        for y in 0..height {
            for x in 0..width {
                let value = |c| ((x * x + 2 * y * y + 3 * x * y + 40 * c * (x + 1) + 1201 * n) / 16 % 256) as u8;
                pixels.extend((0..channels).map(value));
            }
        }
    }
    pixels
}

/// The largest difference of any number; NaN counts as more than any tolerance.
fn deviation(outputs: &[Output], expected: &[Expected]) -> Result<f32, String> {
    if outputs.len() != expected.len() {
        return Err(format!("it gives {} results, not {}", outputs.len(), expected.len()));
    }
    let mut largest = 0f32;
    for (output, expected) in outputs.iter().zip(expected) {
        if output.shape != expected.shape {
            return Err(format!("its {} are of shape {:?}, not {:?}", expected.name, output.shape, expected.shape));
        }
        for (value, wanted) in output.values.iter().zip(&expected.values) {
            let difference = (value - wanted).abs();
            largest = if difference.is_nan() { f32::INFINITY } else { largest.max(difference) };
        }
    }
    Ok(largest)
}

#[cfg(test)]
mod tests {
    use super::{Expected, Output, deviation, synthetic};

    fn check(values: [f32; 2], expected: Result<f32, &str>) {
        let output = Output { shape: vec![2], values: values.to_vec() };
        let wanted = Expected { name: "values".into(), shape: vec![2], values: vec![1.0, 2.0] };
        assert_eq!(deviation(&[output], &[wanted]), expected.map_err(str::to_owned));
    }

    #[test]
    fn the_largest_difference_counts() {
        check([1.0, 2.0], Ok(0.0));
        check([1.5, 2.25], Ok(0.5));
        check([f32::NAN, 2.0], Ok(f32::INFINITY));
        assert!(deviation(&[], &[Expected { name: "values".into(), shape: vec![0], values: vec![] }]).is_err());
    }

    #[test]
    fn the_synthetic_picture_is_that_of_the_exporters() {
        // weights/synthetic.py: pictures((2, 30, 40, 3))[1, 29, 39]
        assert!(synthetic([2, 30, 40, 3]).ends_with(&[231, 75, 175]));
    }
}
