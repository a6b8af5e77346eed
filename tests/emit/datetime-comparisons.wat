  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (i64.lt_s
        (i64.load offset=440
          (local.get $frame))
        (i64.const 1704067200000))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
    (if ;; label = @1
      (local.tee 2
        (block (result i32) ;; label = @1
          (i32.eqz
            (i64.lt_s
              (i64.load offset=440
                (local.get $frame))
              (if ;; label = @2
                (i32.eqz
                  (local.tee 2
                    (i32.load offset=128
                      (local.get $frame))))
                (then
                  (br 1 (;@1;)
                    (i32.const 65792))))
              (i64.load offset=104
                (i32.add
                  (local.get 2)
                  (local.get $frame)))))))
      (then
        (call $note
          (local.get $out)
          (i32.const 1)
          (i32.const 0)
          (local.get 2))))
  )
