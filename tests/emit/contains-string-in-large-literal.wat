  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (call $has_string
      (i32.const 1024)
      (i32.add
        (local.get $frame)
        (i32.const 376)))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00\a0\00\00\00\00\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00P\00\00\00\02\00\00\00w0\00\00\00\00\00\00w1\00\00\00\00\00\00w2\00\00\00\00\00\00w3\00\00\00\00\00\00w4\00\00\00\00\00\00w5\00\00\00\00\00\00w6\00\00\00\00\00\00w7\00\00\00\00\00\00w8\00\00\00\00\00\00w9\00\00\00\00\00\00")
