"""
Claim: our bottleneck adapters are those of Houlsby et al., as the independent `adapters` library computes them.

The same base weights, adapter weights and token ids on both sides; compared are the hidden states of every token, the
logits, and the gradient of every adapter weight. The library stands on an older Transformers, so it needs an environment
of its own, and the two sides meet in a folder:

    python benchmarks/oracles/houlsby.py write FOLDER                in the project's environment
    python -m venv ORACLE
    ORACLE/bin/pip install "adapters==1.3.0" "transformers~=4.57.6" "torch==2.13.0"
    ORACLE/bin/python benchmarks/oracles/houlsby.py compare FOLDER   writes docs/results/oracle_houlsby.json; 1 if they differ

Placement. `double_seq_bn` as it comes is ours: the adapter reads a branch's output before the sum with what flows past it.
`seq_bn` as it comes (Pfeiffer) reads that sum in Llama, Mistral, GPT-2, Qwen 3 and Gemma 3, and the branch alone in Phi, OPT
and GPT-NeoX, where it hooks onto the layers and is told of no sum. Ours reads the branch alone in all of them, which is
`original_ln_before=False` there; how far that is from the library's default is in the result, as `library_default`.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from torch.nn import functional

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "results" / "oracle_houlsby.json"
ALLOWED = 1e-5
WIDTH, BOTTLENECK, BLOCKS = 32, 8, 3
SHARED = {"vocab_size": 64, "hidden_size": WIDTH, "num_hidden_layers": BLOCKS, "num_attention_heads": 4, "pad_token_id": 0}
GROUPED = {"intermediate_size": 48, "num_key_value_heads": 2}
NETS = {
    "llama": GROUPED,
    "mistral": {**GROUPED, "sliding_window": 8},
    "phi": {"intermediate_size": 48},
    "opt": {"ffn_dim": 48, "word_embed_proj_dim": WIDTH},
    "gpt2": {},
    "gpt_neox": {"intermediate_size": 48},
    "qwen3": {**GROUPED, "head_dim": 8},
    "gemma3_text": {**GROUPED, "head_dim": 8},
}
CASES = [(net, tuning, "gelu") for net in NETS for tuning in ("houlsby", "pfeiffer")]
CASES += [("llama", "houlsby", activation) for activation in ("relu", "silu", "tanh")]
THEIR_WORD = {"silu": "swish"}
INTERFACE = {"adapter_methods": ["bottleneck"], "layer_cross_attn": None}
HOOKS = {  # for nets the library knows nothing of: where their layers are
    "opt": {
        "model_embeddings": "decoder.embed_tokens",
        "model_layers": "decoder.layers",
        "layer_self_attn": "self_attn",
        "attn_q_proj": "q_proj",
        "attn_k_proj": "k_proj",
        "attn_v_proj": "v_proj",
        "attn_o_proj": "out_proj",
        "layer_intermediate_proj": "fc1",
        "layer_output_proj": "fc2",
    },
    "gpt_neox": {
        "model_embeddings": "embed_in",
        "model_layers": "layers",
        "layer_self_attn": "attention",
        "attn_qkv_proj": "query_key_value",
        "attn_o_proj": "dense",
        "layer_intermediate_proj": "mlp.dense_h_to_4h",
        "layer_output_proj": "mlp.dense_4h_to_h",
    },
}


def decoder_of(net):
    """A decoder of the net's architecture; either side builds it from the same words."""
    torch.manual_seed(0)
    config = transformers.CONFIG_MAPPING[net](**SHARED, **NETS[net])
    return transformers.AutoModel.from_config(config).eval()


def seen_by(decoder, score, ids, weights):
    """What a side sees: hidden states, logits of the last token, and the gradient of the adapter's weights."""
    hidden = decoder(input_ids=ids, use_cache=False).last_hidden_state
    logits = hidden[:, -1] @ score.T
    gradients = torch.autograd.grad(functional.cross_entropy(logits, torch.tensor([0, 1, 1])), list(weights.values()))
    found = {"hidden": hidden, "logits": logits}
    found |= {f"gradient/{name}": gradient for name, gradient in zip(weights, gradients, strict=True)}
    return {name: tensor.detach().contiguous() for name, tensor in found.items()}


def write(folder, net, tuning, activation):
    """Our side of one case."""
    from hatetinyllm.models.readout import Readout
    from hatetinyllm.tuning.tune import adapter_tensors, learning, tune, write_adapter
    from hatetinyllm.types import Choice

    folder.mkdir(parents=True, exist_ok=True)
    decoder = decoder_of(net)
    with torch.no_grad():
        for parameter in decoder.parameters():  # biases and norms too: fresh ones hide what stands on which side of them
            parameter.add_(torch.randn_like(parameter) * 0.1)
    save_file({name: tensor.contiguous() for name, tensor in decoder.state_dict().items()}, folder / "base.safetensors")
    ids = torch.randint(1, 64, (3, 12))
    with torch.no_grad():
        bare = decoder(input_ids=ids, use_cache=False).last_hidden_state
    tuned = tune(Readout(decoder, 2), Choice(name=tuning, options={"bottleneck": BOTTLENECK, "activation": activation}))
    with torch.no_grad():
        for parameter in learning(tuned.net).values():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    write_adapter(tuned.adapter, folder, base="", revision=None)
    weights = {name: tensor for name, tensor in tuned.net.named_parameters() if ".houlsby_" in name}
    names = dict(zip(weights, [name for name in adapter_tensors(tuned.adapter) if ".houlsby_" in name], strict=True))
    score = load_file(folder / "adapter_model.safetensors")["base_model.model.score.weight"]
    found = seen_by(tuned.net.decoder, score, ids, {names[name]: tensor for name, tensor in weights.items()})
    save_file({**found, "ids": ids, "bare": bare}, folder / "ours.safetensors")


def their_decoder(net, config, tensors):
    """The library's side of a net, and its adapter's weights by our names."""
    import adapters

    decoder = decoder_of(net)
    adapters.init(decoder, interface=adapters.AdapterModelInterface(**INTERFACE, **HOOKS[net]) if net in HOOKS else None)
    decoder.add_adapter("ours", config=config)
    decoder.set_active_adapters("ours")
    layers, weights = dict(decoder.iter_layers()), {}
    for name in tensors:
        place, _, part = name.partition(".houlsby_")
        block = next(int(word) for word in place.split(".") if word.isdigit())
        branch = "attention_adapters" if "attn" in place or "attention" in place else "output_adapters"
        adapter = getattr(layers[block], branch).adapters["ours"]
        side, _, kind = part.partition(".")
        weights[name] = getattr(adapter.adapter_down[0] if side == "down" else adapter.adapter_up, kind)
    return decoder.eval(), weights


def theirs(folder, net, tuning, activation, **placement):
    """What the library sees of one case, and how many weights its adapter has."""
    import adapters

    form = adapters.DoubleSeqBnConfig if tuning == "houlsby" else adapters.SeqBnConfig
    config = form(non_linearity=THEIR_WORD.get(activation, activation), reduction_factor=WIDTH / BOTTLENECK, **placement)
    saved = load_file(folder / "adapter_model.safetensors")
    tensors = {name: tensor for name, tensor in saved.items() if ".houlsby_" in name}
    decoder, weights = their_decoder(net, config, tensors)
    fill(decoder, load_file(folder / "base.safetensors"))
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(tensors[name])
    ours = load_file(folder / "ours.safetensors")
    found = seen_by(decoder, saved["base_model.model.score.weight"], ours["ids"], weights)
    decoder.set_active_adapters(None)
    with torch.no_grad():
        found["bare"] = decoder(input_ids=ours["ids"], use_cache=False).last_hidden_state
    return found, sum(tensor.numel() for name, tensor in decoder.named_parameters() if ".ours." in name)


def fill(decoder, base):
    """The base's weights into the library's net, whose own linear layers may hang one step deeper; none may be left out."""
    own = {name.replace(".base_layer.", "."): tensor for name, tensor in decoder.state_dict().items() if ".ours." not in name}
    assert set(base) == set(own), sorted(set(base) ^ set(own))
    for name, tensor in own.items():
        tensor.copy_(base[name])


def compare(folder, net, tuning, activation):
    """One row of the result: the largest differences, and how much there was to differ by."""
    placement = {} if tuning == "houlsby" else {"original_ln_before": False}
    ours = load_file(folder / "ours.safetensors")
    found, count = theirs(folder, net, tuning, activation, **placement)
    gradients = [name for name in ours if name.startswith("gradient/")]
    row = {"net": net, "tuning": tuning, "activation": activation, "weights": count}
    row["weights_ours"] = sum(ours[name].numel() for name in gradients)
    row |= {f"{name}_difference": apart(ours[name], found[name]) for name in ("bare", "hidden", "logits")}
    row["gradient_difference"] = max(apart(ours[name], found[name]) for name in gradients)
    row["hidden_changed_by"] = apart(found["hidden"], found["bare"])
    row["gradient_largest"] = max(float(ours[name].abs().max()) for name in gradients)
    if tuning == "pfeiffer":
        row["library_default"] = {
            "hidden_difference": apart(ours["hidden"], theirs(folder, net, tuning, activation)[0]["hidden"])
        }
    return row


def apart(one, other):
    """The largest difference of two tensors."""
    return float((one - other).abs().max())


def main():
    """Either side, over all cases."""
    side, folder = sys.argv[1], Path(sys.argv[2])
    places = {case: folder / "-".join(case) for case in CASES}
    if side == "write":
        for case, place in places.items():
            write(place, *case)
        return 0
    rows = [compare(place, *case) for case, place in places.items()]
    worst = max(value for row in rows for name, value in row.items() if name.endswith("_difference"))
    made_with = {name: version(name) for name in ("adapters", "transformers", "torch")}
    report = {"allowed": ALLOWED, "worst": worst, "oracle": made_with, "width": WIDTH, "bottleneck": BOTTLENECK, "rows": rows}
    RESULTS.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))
    return int(worst > ALLOWED or any(row["weights"] != row["weights_ours"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
