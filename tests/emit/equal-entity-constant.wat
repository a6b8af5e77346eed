  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32)
    (if ;; label = @1
      (i64.eqz
        (i64.or
          (i64.xor
            (i64.load offset=40
              (local.tee 2
                (local.get $frame)))
            (i64.const 684723352394983255))
          (i64.xor
            (i64.load offset=48
              (local.get 2))
            (i64.const -1010386378227971823))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
    (if ;; label = @1
      (local.tee 3
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 3
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (i64.eqz
            (i64.or
              (i64.xor
                (i64.load offset=128
                  (local.tee 2
                    (i32.add
                      (local.get 3)
                      (local.get $frame))))
                (i64.const -7534192123127375494))
              (i64.xor
                (i64.load offset=136
                  (local.get 2))
                (i64.const 7278980182285726598))))))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 3))))
  )
