//! Explanations: per-policy results as Cedar's, and changes that do allow, by Cedar too.

#![cfg(test)]

mod explain {
    mod counterfactual;
    mod outcomes;
    mod world;
}
