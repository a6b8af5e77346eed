  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32)
    (if ;; label = @1
      (local.tee 4
        (block (result i32) ;; label = @1
          (local.set 2
            (i32.add
              (local.get $frame)
              (i32.const 416)))
          (if ;; label = @2
            (i32.eqz
              (local.tee 4
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (local.set 3
            (i32.add
              (i32.add
                (local.get 4)
                (local.get $frame))
              (i32.const 112)))
          (i64.eqz
            (i64.or
              (i64.xor
                (i64.load
                  (local.get 2))
                (i64.load
                  (local.get 3)))
              (i64.xor
                (i64.load offset=8
                  (local.get 2))
                (i64.load offset=8
                  (local.get 3)))))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 4))))
  )
