  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (i64.eqz
        (i64.or
          (i64.xor
            (i64.load offset=224
              (local.tee 2
                (local.get $frame)))
            (i64.const 1796901244101839149))
          (i64.xor
            (i64.load offset=232
              (local.get 2))
            (i64.const -6006877236636610539))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
