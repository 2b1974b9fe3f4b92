use std::collections::HashMap;
use std::path::PathBuf;

use super::*;

const RRDB: UpscalerShape = UpscalerShape::Rrdb(RrdbShape { scale: 2, features: 16, growth: 16, blocks: 2 });
const COMPACT: UpscalerShape = UpscalerShape::Compact(CompactShape { scale: 4, features: 24, layers: 3 });

/// A file with small random tensors of a network, changed by `change`.
fn file(shape: &UpscalerShape, change: impl Fn(&mut HashMap<String, Tensor>)) -> (tempfile::TempDir, PathBuf) {
    let tensor = |shape: Vec<usize>| Tensor::randn(0f32, 0.05, shape, &Device::Cpu).unwrap();
    let mut tensors: HashMap<_, _> = shape.expected().into_iter().map(|(name, shape)| (name, tensor(shape))).collect();
    change(&mut tensors);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upscaler.safetensors");
    candle_core::safetensors::save(&tensors, &path).unwrap();
    (folder, path)
}

fn refusal(shape: &UpscalerShape, change: impl Fn(&mut HashMap<String, Tensor>)) -> String {
    let (_folder, path) = file(shape, change);
    let error = Upscaler::open(&path, &Device::Cpu).unwrap_err().to_string();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn tensors_say_which_network_it_is() {
    for shape in [RRDB, COMPACT] {
        for prefix in ["", "params.", "params_ema."] {
            let (_folder, path) = file(&shape, |tensors| {
                *tensors = tensors.drain().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)).collect();
            });
            let upscaler = Upscaler::open(&path, &Device::Cpu).unwrap();
            assert_eq!(upscaler.shape(), &shape);
            assert_eq!(Upscaler::contents(&path).unwrap().shape, shape);
            let pixels = Tensor::rand(0f32, 1., (1, 3, 7, 9), &Device::Cpu).unwrap();
            let scale = upscaler.scale();
            assert_eq!(upscaler.forward(&pixels).unwrap().dims(), [1, 3, 7 * scale, 9 * scale]);
        }
    }
}

#[test]
fn a_file_that_is_not_whole_names_the_tensor() {
    let error = refusal(&RRDB, |tensors| drop(tensors.remove("body.1.rdb2.conv3.bias")));
    assert!(error.contains("RRDBNet ×2") && error.contains("body.1.rdb2.conv3.bias is missing"), "{error}");
    let error = refusal(&COMPACT, |tensors| drop(tensors.remove("body.3.weight")));
    assert!(error.contains("body.3.weight is missing"), "{error}");
    let error = refusal(&COMPACT, |tensors| {
        tensors.remove("body.8.weight");
        tensors.remove("body.8.bias");
    });
    assert!(error.contains("fetch it again"), "{error}");
    let error = refusal(&RRDB, |tensors| {
        let bias = Tensor::zeros(15, DType::F32, &Device::Cpu).unwrap();
        tensors.insert("conv_hr.bias".into(), bias);
    });
    assert!(error.contains("conv_hr.bias is [15] and should be [16]"), "{error}");
    let error = refusal(&RRDB, |tensors| {
        let bias = Tensor::full(f32::NAN, 16, &Device::Cpu).unwrap();
        tensors.insert("conv_hr.bias".into(), bias);
    });
    assert!(error.contains("conv_hr.bias: 16 of 16 numbers are not finite"), "{error}");
}

#[test]
fn another_network_is_told_what_it_is() {
    let renamed = |from: &'static str, to: &'static str| {
        move |tensors: &mut HashMap<String, Tensor>| {
            *tensors = tensors.drain().map(|(name, tensor)| (name.replacen(from, to, 1), tensor)).collect();
        }
    };
    let error = refusal(&RRDB, renamed("body.0.rdb1", "model.1.sub.0.RDB1"));
    assert!(error.contains("ESRGAN file with the names of its first version; expected is RRDBNet"), "{error}");
    let error = refusal(&RRDB, renamed("conv_first", "stem"));
    assert!(error.contains("holds 72 tensors such as body.0.rdb1.conv1.bias; expected"), "{error}");
    let thrice = UpscalerShape::Compact(CompactShape { scale: 3, features: 24, layers: 3 });
    let error = refusal(&thrice, |_| {});
    assert!(
        error.contains("SRVGGNetCompact ×3; expected is RRDBNet or SRVGGNetCompact of Real-ESRGAN, ×2 or ×4"),
        "{error}"
    );
    let eight = UpscalerShape::Rrdb(RrdbShape { scale: 4, features: 16, growth: 8, blocks: 1 });
    let error = refusal(&eight, |tensors| {
        let up = tensors["conv_up2.weight"].clone();
        tensors.insert("conv_up3.weight".into(), up);
    });
    assert!(error.contains("RRDBNet ×8"), "{error}");
    let error = refusal(&COMPACT, |tensors| tensors.clear());
    assert!(error.contains("holds no tensors"), "{error}");
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let wide = UpscalerShape::Compact(CompactShape { scale: 2, features: 300, layers: 1 });
    assert!(refusal(&wide, |_| {}).contains("too large: 1 layers of 300"));
    let error = refusal(&RRDB, |tensors| {
        let one = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
        tensors.insert(format!("body.{}.rdb1.conv1.weight", u64::MAX), one);
    });
    assert!(error.contains("too large"), "{error}");
}

#[test]
fn what_is_no_weight_file_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path| Upscaler::open(path, &Device::Cpu).unwrap_err().to_string();
    assert!(open(folder.path()).contains("it is a folder"));
    assert!(open(&folder.path().join("none.pth")).contains("none.pth cannot be read"));
    for name in ["a.pth", "a.safetensors", "a.png", "a"] {
        let path = folder.path().join(name);
        for content in [&b""[..], b"short", &[255; 4096]] {
            std::fs::write(&path, content).unwrap();
            let error = open(&path);
            assert!(error.contains("must be a whole .pth or .safetensors file") && !error.contains('\n'), "{error}");
        }
    }
    let (_folder, path) = file(&COMPACT, |_| {});
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(open(&path).contains("must be a whole"));
}
