  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (i32.load8_u offset=448
        (local.get $frame))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 8589934592)
          (i32.const 0))))
    (if ;; label = @1
      (local.tee 2
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (i32.load8_u offset=256
            (i32.add
              (local.get 2)
              (local.get $frame)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 3)
          (local.get 2))))
  )
