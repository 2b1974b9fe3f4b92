//! The operations on a GPU against the same on a CPU. Ignored, for they need one: `cargo test -- --ignored gpu`.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

use super::open_cuda;
use crate::ops::{Conv2d, GroupNorm, LayerNorm, Linear, attention};

/// Number formats, and how far a result may be off: a few steps of the format.
const FORMATS: [(DType, f32); 3] = [(DType::F32, 1e-5), (DType::F16, 2e-3), (DType::BF16, 1.5e-2)];

fn random(shape: &[usize]) -> Tensor {
    Tensor::randn(0f32, 1., shape, &Device::Cpu).unwrap()
}

/// Tensors in a format, for a CPU and for the GPU.
fn weights(tensors: &[(&str, Tensor)], dtype: DType, gpu: &Device) -> [VarBuilder<'static>; 2] {
    [&Device::Cpu, gpu].map(|device| {
        let narrow = tensors.iter().map(|(name, tensor)| (name.to_string(), tensor.to_dtype(dtype).unwrap()));
        let tensors = narrow.map(|(name, tensor)| (name, tensor.to_device(device).unwrap()));
        VarBuilder::from_tensors(tensors.collect::<HashMap<_, _>>(), dtype, device)
    })
}

/// A tensor that loses nothing in the format, on the CPU in f32 and on the GPU in the format.
fn pair(x: &Tensor, dtype: DType, gpu: &Device) -> [Tensor; 2] {
    let narrow = x.to_dtype(dtype).unwrap();
    [narrow.to_dtype(DType::F32).unwrap(), narrow.to_device(gpu).unwrap()]
}

fn assert_close([cpu, gpu]: [Tensor; 2], within: f32, what: &str) {
    assert_eq!(cpu.dims(), gpu.dims(), "{what}");
    let gpu = gpu.to_device(&Device::Cpu).unwrap().to_dtype(DType::F32).unwrap();
    let norm = |x: &Tensor| x.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap().sqrt();
    let error = norm(&(&gpu - &cpu).unwrap()) / norm(&cpu);
    assert!(error < within, "{what}: {error}");
}

#[test]
#[ignore = "needs a GPU"]
fn group_norms_on_a_gpu() {
    let gpu = open_cuda(0).unwrap();
    for (channels, groups, size) in [(38, 2, [14, 10]), (384, 32, [24, 24]), (1536, 32, [12, 12]), (128, 32, [192, 96])]
    {
        for (dtype, within) in FORMATS {
            let tensors = [("weight", random(&[channels])), ("bias", random(&[channels]))];
            let norms = weights(&tensors, dtype, &gpu).map(|vb| GroupNorm::load(groups, channels, 1e-5, vb).unwrap());
            let [height, width] = size;
            let x = pair(&(random(&[2, height, width, channels]) + 3.).unwrap(), dtype, &gpu);
            let [scale, shift] = [(); 2].map(|()| pair(&random(&[2, channels]), dtype, &gpu));
            let [gain, offset] = [(); 2].map(|()| pair(&random(&[2, height / 2, width / 2, channels]), dtype, &gpu));
            let what = format!("{channels} channels, {dtype:?}");
            let plain = [0, 1].map(|i| norms[i].forward(&x[i]).unwrap());
            assert_close(plain, within, &what);
            let film = [0, 1].map(|i| norms[i].forward_film_silu(&x[i], &scale[i], &shift[i]).unwrap());
            assert_close(film, within, &format!("{what}, FiLM"));
            let spatial = [0, 1].map(|i| norms[i].forward_spatial(&x[i], &gain[i], &offset[i], true).unwrap());
            assert_close(spatial, within, &format!("{what}, spatial"));
        }
    }
}

#[test]
#[ignore = "needs a GPU"]
fn convolutions_on_a_gpu() {
    let gpu = open_cuda(0).unwrap();
    for (inputs, outputs, size) in [(4, 12, [9, 7]), (384, 384, [24, 24]), (128, 3, [32, 16]), (1536, 768, [12, 12])] {
        for (dtype, within) in FORMATS {
            let weight = (random(&[outputs, inputs, 3, 3]) / (3. * (inputs as f64).sqrt())).unwrap();
            let tensors = [("weight", weight), ("bias", random(&[outputs]))];
            let vbs = weights(&tensors, dtype, &gpu);
            let [height, width] = size;
            let x = pair(&random(&[2, height, width, inputs]), dtype, &gpu);
            let residual = pair(&random(&[2, height, width, outputs]), dtype, &gpu);
            let what = format!("{inputs} to {outputs}, {dtype:?}");
            let convs = vbs.clone().map(|vb| Conv2d::load(inputs, outputs, 3, vb).unwrap());
            assert_close([0, 1].map(|i| convs[i].forward(&x[i]).unwrap()), within, &what);
            assert_close(
                [0, 1].map(|i| convs[i].forward_enlarged(&x[i]).unwrap()),
                within,
                &format!("{what}, enlarged"),
            );
            let onto = [0, 1].map(|i| convs[i].forward_onto(&x[i], &residual[i]).unwrap());
            assert_close(onto, within, &format!("{what}, onto"));
            let convs = vbs.map(|vb| Conv2d::load_halving(inputs, outputs, 3, vb).unwrap());
            assert_close([0, 1].map(|i| convs[i].forward(&x[i]).unwrap()), within, &format!("{what}, halving"));
        }
    }
}

#[test]
#[ignore = "needs a GPU"]
fn patches_on_a_gpu() {
    let gpu = open_cuda(0).unwrap();
    for (dtype, within) in FORMATS {
        let weight = (random(&[64, 3, 14, 14]) / 24.).unwrap();
        let vbs = weights(&[("weight", weight)], dtype, &gpu);
        let convs = vbs.map(|vb| Conv2d::load_patches(3, 64, 14, vb).unwrap());
        let x = pair(&random(&[2, 28, 42, 3]), dtype, &gpu);
        assert_close([0, 1].map(|i| convs[i].forward(&x[i]).unwrap()), within, &format!("{dtype:?}"));
    }
}

#[test]
#[ignore = "needs a GPU"]
fn layers_and_attention_on_a_gpu() {
    let gpu = open_cuda(0).unwrap();
    for (dtype, within) in FORMATS {
        let what = format!("{dtype:?}");
        let tensors = [("weight", (random(&[96, 64]) / 8.).unwrap()), ("bias", random(&[96]))];
        let layers = weights(&tensors, dtype, &gpu).map(|vb| Linear::load(64, 96, vb).unwrap());
        let x = pair(&random(&[2, 50, 64]), dtype, &gpu);
        assert_close([0, 1].map(|i| layers[i].forward(&x[i]).unwrap()), within, &format!("{what}, linear"));
        let tensors = [("weight", random(&[64])), ("bias", random(&[64]))];
        let norms = weights(&tensors, dtype, &gpu).map(|vb| LayerNorm::load(64, 1e-5, vb).unwrap());
        assert_close([0, 1].map(|i| norms[i].forward(&x[i]).unwrap()), within, &format!("{what}, norm"));
        let [q, k, v] = [50, 77, 77].map(|tokens| pair(&random(&[2, tokens, 3 * 64]), dtype, &gpu));
        let attended = [0, 1].map(|i| attention(&q[i], &[(&k[i], &v[i])], 3, None).unwrap());
        assert_close(attended, within, &format!("{what}, attention"));
    }
}
