//! The only file that knows libtorch.

use std::path::Path;

use tch::{CModule, Cuda, Device, IValue, Kind, Tensor};

use crate::error::VisionError;
use crate::manifest::Model;
use crate::preparation::{Layout, Preparation};

/// Where models run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(Device);

impl Place {
    /// `cpu` or `cuda:N`. A device that is not there is refused.
    pub(crate) fn parse(name: &str) -> Result<Self, VisionError> {
        let refuse = |problem: String| Err(VisionError::Device { device: name.to_owned(), problem });
        if name == "cpu" {
            return Ok(Self(Device::Cpu));
        }
        let Some(number) = name.strip_prefix("cuda:").and_then(|number| number.parse::<usize>().ok()) else {
            return refuse("devices are `cpu` and `cuda:N`".to_owned());
        };
        if !Cuda::is_available() {
            return refuse("this libtorch has no CUDA, or there is no driver for it".to_owned());
        }
        match Cuda::device_count() {
            count if (number as i64) < count => Ok(Self(Device::Cuda(number))),
            count => refuse(format!("there are only {count}")),
        }
    }

    pub(crate) fn is_cpu(self) -> bool {
        self.0 == Device::Cpu
    }
}

/// Sets how many threads one operation may use when the calling thread runs it.
pub(crate) fn limit_threads(threads: usize) {
    if tch::get_num_threads() != threads as i32 {
        tch::set_num_threads(threads as i32);
    }
}

/// Whether threads that share an operation stop spinning soon when they wait for each other.
///
/// libgomp reads this from the environment when it is loaded, long before our settings are, and has it spin for
/// milliseconds unless told otherwise: GOMP_SPINCOUNT=20000 is a good value.
pub(crate) fn waits_are_short() -> bool {
    ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].iter().any(|name| std::env::var_os(name).is_some())
}

/// What a net is given: pictures one after another, each row by row with red, green and blue together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pixels<'a> {
    /// 0..=255.
    Bytes(&'a [u8]),
    /// 0.0..=255.0.
    Floats(&'a [f32]),
}

/// What a net gives, with its last dimension innermost.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Output {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// A TorchScript archive on its device. May be run by many threads at once.
#[derive(Debug)]
pub(crate) struct Net {
    id: String,
    module: CModule,
    place: Place,
    /// What is done to bytes before the net is given them.
    preparation: Option<Preparation>,
}

impl Net {
    pub(crate) fn load(model: &Model, path: &Path, place: Place) -> Result<Self, VisionError> {
        let problem = |error: tch::TchError| VisionError::Weights { path: path.to_owned(), problem: error.to_string() };
        let mut module = CModule::load_on_device(path, place.0).map_err(problem)?;
        module.f_set_eval().map_err(problem)?;
        Ok(Self { id: model.id.clone(), module, place, preparation: model.preparation() })
    }

    /// Runs `count` pictures of `height` x `width`.
    pub(crate) fn run(
        &self,
        pixels: Pixels<'_>,
        [count, height, width]: [usize; 3],
    ) -> Result<Vec<Output>, VisionError> {
        let prepared = match (&self.preparation, pixels) {
            (Some(preparation), Pixels::Bytes(bytes)) => Some(preparation.of(bytes, height * width)),
            _ => None,
        };
        let pixels = prepared.as_deref().map_or(pixels, Pixels::Floats);
        let [rows, columns] = [height as i64, width as i64];
        let size = match self.preparation {
            Some(Preparation { layout: Layout::Nchw, .. }) => [count as i64, 3, rows, columns],
            _ => [count as i64, rows, columns, 3],
        };
        // The archives are as good as they get; the optimizer would only observe the first runs on every thread and,
        // on a graphics card, compile anew for every size of batch.
        tch::jit::f_set_graph_executor_optimize(false)?;
        tch::no_grad(|| {
            let on_cpu = match pixels {
                Pixels::Bytes(bytes) => Tensor::f_from_slice(bytes),
                Pixels::Floats(floats) => Tensor::f_from_slice(floats),
            };
            let input = on_cpu.and_then(|flat| flat.f_view(size)).and_then(|input| input.f_to_device(self.place.0))?;
            self.outputs(self.module.forward_is(&[IValue::Tensor(input)])?)
        })
    }

    fn outputs(&self, result: IValue) -> Result<Vec<Output>, VisionError> {
        match result {
            IValue::Tensor(tensor) => Ok(vec![output(&tensor)?]),
            IValue::Tuple(parts) => {
                let parts = parts.into_iter().map(|part| self.outputs(part)).collect::<Result<Vec<_>, _>>()?;
                Ok(parts.into_iter().flatten().collect())
            }
            _ => Err(self.unexpected("something that is no tensor")),
        }
    }

    pub(crate) fn unexpected(&self, problem: &str) -> VisionError {
        VisionError::Output { model: self.id.clone(), problem: problem.to_owned() }
    }
}

fn output(tensor: &Tensor) -> Result<Output, VisionError> {
    let shape: Vec<usize> = tensor.size().iter().map(|side| *side as usize).collect();
    let tensor = tensor.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?.f_contiguous()?;
    let mut values = vec![0.0; tensor.numel()];
    tensor.f_copy_data(&mut values, tensor.numel())?;
    Ok(Output { shape, values })
}

impl From<tch::TchError> for VisionError {
    fn from(error: tch::TchError) -> Self {
        Self::Model(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use tch::{CModule, Kind, Tensor};

    use super::{Model, Net, Pixels, Place, VisionError};

    /// A net of which each number is the mean of one plane of the picture.
    fn mean_of_planes(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("rollcall-{name}-{}.pt", std::process::id()));
        let example = Tensor::zeros([2, 3, 4, 4], (Kind::Float, tch::Device::Cpu));
        let mut net = |inputs: &[Tensor]| vec![inputs[0].mean_dim([2i64, 3].as_slice(), false, Kind::Float)];
        let module = CModule::create_by_tracing("Means", "forward", &[example], &mut net).expect("traced");
        module.save(&path).expect("saved");
        path
    }

    #[test]
    fn a_net_that_wants_planes_of_prepared_numbers_gets_them() {
        let entry = r#"
            id = "means"
            role = "encoder"
            file = "means.pt"
            input_shape = [4, 4, 3]
            input_layout = "nchw"
            colour = "bgr"
            mean = [1, 2, 3]
            scale = 2
            alignment = "arcface-112"
            dimension = 3
            contract = "means-3/1"
        "#;
        let model: Model = toml::from_str(entry).expect("well formed");
        let path = mean_of_planes("planes");
        let net = Net::load(&model, &path, Place::parse("cpu").expect("always there"));
        std::fs::remove_file(&path).expect("it was made");
        let pixels: Vec<u8> = [[10, 20, 30]; 16].into_iter().chain([[11, 21, 31]; 16]).flatten().collect();
        let outputs = net.expect("loads").run(Pixels::Bytes(&pixels), [2, 4, 4]).expect("runs");
        assert_eq!(outputs.len(), 1);
        assert_eq!(
            (&outputs[0].shape[..], &outputs[0].values[..]),
            (&[2, 3][..], &[14.5, 9.0, 3.5, 15.0, 9.5, 4.0][..])
        );
    }

    #[test]
    fn a_device_that_is_not_there_is_refused() {
        assert!(Place::parse("cpu").expect("always there").is_cpu());
        for name in ["cuda", "gpu", "cuda:x", "cuda:-1", "", "cuda:4096"] {
            assert!(matches!(Place::parse(name), Err(VisionError::Device { .. })), "{name}");
        }
    }
}
