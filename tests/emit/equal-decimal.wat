  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32)
    (i64.eq
      (i64.load offset=136
        (local.get $frame))
      (if ;; label = @1
        (i32.eqz
          (local.tee 1
            (i32.load offset=128
              (local.get $frame))))
        (then
          (return
            (i32.const 65792))))
      (i64.load offset=224
        (i32.add
          (local.get 1)
          (local.get $frame))))
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
