// An anonymous vote: one member of a list votes yes or no, once in an election, and nobody learns which member.
// The contract that counts keeps the root of the list and the nullifier hashes that it has seen.
pragma circom 2.1.0;

include "circomlib/circuits/poseidon.circom";

// The root of a Merkle tree of Poseidon hashes, from a leaf and the siblings on its way up.
template MerkleRoot(depth) {
    signal input leaf;
    signal input siblings[depth];
    // 1 where the node is the right child.
    signal input isRight[depth];
    signal output root;

    signal left[depth];
    signal nodes[depth + 1];
    component hashes[depth];

    nodes[0] <== leaf;
    for (var i = 0; i < depth; i++) {
        isRight[i] * (isRight[i] - 1) === 0;
        left[i] <== nodes[i] + isRight[i] * (siblings[i] - nodes[i]);
        hashes[i] = Poseidon(2);
        hashes[i].inputs[0] <== left[i];
        hashes[i].inputs[1] <== nodes[i] + siblings[i] - left[i];
        nodes[i + 1] <== hashes[i].out;
    }
    root <== nodes[depth];
}

template Vote(depth) {
    // Public, in this order.
    signal input root;
    signal input nullifierHash;
    signal input electionId;
    signal input vote;
    // Private.
    signal input nullifier;
    signal input secret;
    signal input siblings[depth];
    signal input isRight[depth];

    vote * (vote - 1) === 0;

    // The voter is on the list: the leaf is what they registered.
    component leaf = Poseidon(2);
    leaf.inputs[0] <== nullifier;
    leaf.inputs[1] <== secret;

    component tree = MerkleRoot(depth);
    tree.leaf <== leaf.out;
    for (var i = 0; i < depth; i++) {
        tree.siblings[i] <== siblings[i];
        tree.isRight[i] <== isRight[i];
    }
    tree.root === root;

    // The same voter in the same election gives the same number; in another election, one that nobody can link to it.
    component once = Poseidon(2);
    once.inputs[0] <== nullifier;
    once.inputs[1] <== electionId;
    once.out === nullifierHash;
}

component main { public [root, nullifierHash, electionId, vote] } = Vote(4);
